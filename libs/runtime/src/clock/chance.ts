import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';

/** An id that nobody has used. */
export function freshId(): string {
  return randomUUID();
}

/** Unpredictable bytes, for keys and nonces. */
export function secretBytes(length: number): Buffer {
  return randomBytes(length);
}

/** A private key that nobody else has, to sign with ES256. */
export function freshSigningKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** A number from 0 to less than 1, for jitter. */
export function fraction(): number {
  return Math.random();
}

/** From one to four times as long, so that those who are told at once to come back do not all come back at once. */
export function spread(ms: number): number {
  return Math.round(ms * (1 + 3 * fraction()));
}
