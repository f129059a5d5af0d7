import { z } from 'zod';
import '#domain/fault-words';

/** A whole number. */
export const integer = z.coerce.number().int();

/** Milliseconds, not negative. */
export const ms = integer.nonnegative();

/** Comma-separated items; spaces around them do not count. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** The name of a file. What is in it might be a secret, and the name of a file that cannot be read is told. */
export const fileName = z
  .string()
  .refine((text) => !/^\s*[{[]|-----BEGIN|\n/.test(text), 'must be the name of a file, not what is in it');

/** An http or https URL, without a password in it. */
export const httpUrl = z.string().refine((text) => isHttpUrl(text), 'must be a URL as https://example.org');

/** The same, to which paths are added. */
export const baseUrl = httpUrl
  .refine((text) => !/[?#]/.test(text), 'must be a URL without ? and #')
  .transform((text) => text.replace(/\/+$/, ''));

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}` === '';
}
