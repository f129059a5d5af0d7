import { InvalidArgumentError } from 'commander';

/** The option that all commands on the log have. */
export const DATA_OPTION = [
  '--data <directory>',
  'data directory of the embedded log (default: Kafka when KAFKA_BROKERS is set, else PRESENTLY_DATA, or ./data)',
] as const;

/** A time given as milliseconds since the epoch or in ISO 8601 (UTC when it names no zone). */
export function timeOption(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(value);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(value);
  const time = Date.parse(hasZone || isDate ? value : `${value}Z`);
  if (Number.isNaN(time))
    throw new InvalidArgumentError('A time is milliseconds since the epoch, or ISO 8601 as 2012-10-01T10:42:00Z.');
  return time;
}

/** A whole number of milliseconds. */
export function msOption(value: string): number {
  if (/^\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value);
  throw new InvalidArgumentError('A duration is a whole number of milliseconds.');
}

export function positiveOption(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

export function urlOption(value: string): URL {
  if (/^https?:/i.test(value) && URL.canParse(value)) return new URL(value);
  throw new InvalidArgumentError('It must be a URL as http://127.0.0.1:8080.');
}

export function wholeOption(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
