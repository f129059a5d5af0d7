import { fitsBytes, ID_BYTES_MAX } from '#domain/limits';

const USER_ID = /^@[^\s:]+:\S+$/;

/** Whether it is a user's id as Matrix writes them, `@name:server`, of at most 255 bytes (semantics, section 2). */
export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && USER_ID.test(value) && isId(value);
}

/** Whether it can be the id of a device: 1 to 255 bytes of well-formed text. */
export function isDeviceId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && isId(value);
}

const isId = (text: string): boolean => text.isWellFormed() && fitsBytes(text, ID_BYTES_MAX);
