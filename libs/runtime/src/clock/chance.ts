import { randomBytes, randomUUID } from 'node:crypto';

/** An id that nobody has used. */
export function freshId(): string {
  return randomUUID();
}

/** Unpredictable bytes, for keys and nonces. */
export function secretBytes(length: number): Buffer {
  return randomBytes(length);
}

/** A number from 0 to less than 1, for jitter. */
export function fraction(): number {
  return Math.random();
}
