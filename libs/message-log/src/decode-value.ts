import { isUtf8 } from 'node:buffer';
import type { Decoded } from '#domain/events';
import { decodeText } from '#domain/events';

/** Reads the value of a record of `events`. Never throws: what cannot be read is refused, with a sentence. */
export function decodeValue(value: Buffer | string | null): Decoded {
  // Else bytes that are no text would be folded as if they were U+FFFD.
  if (value instanceof Buffer && !isUtf8(value)) return { refused: 'the record is not UTF-8' };
  return decodeText(value?.toString() ?? null);
}
