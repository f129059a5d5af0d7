import { InvalidArgumentError } from 'commander';

/** A port on the command line; 0 takes a free one. */
export function portOption(value: string): string {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return value;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}
