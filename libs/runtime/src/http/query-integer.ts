import { z } from 'zod';

/** A whole number in a query, in digits. (`z.coerce` would take `0x10`, `1e3` and nothing at all for numbers.) */
export function queryInteger(min: number, max: number, byDefault: number) {
  return z.preprocess(
    (text) => (typeof text === 'string' && /^-?\d+$/.test(text) ? Number(text) : text),
    z.int().min(min).max(max).default(byDefault),
  );
}
