import { createCipheriv, createDecipheriv } from 'node:crypto';
import { secretBytes } from '#runtime/clock/chance';
import type { Cursor } from './tie-span.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const POSITION_BYTES = 12;
const TOKEN_LENGTH_MAX = 65_536;

/**
 * Seals cursors into resume tokens: AES-256-GCM with a random nonce, bound to the user and to the log. Sealed, because
 * the movement of a partition's offset would tell of the activity of users whom one may not see.
 */
export class ResumeTokens {
  /** `key` has 32 bytes, the same on every delivery node. */
  constructor(
    private readonly key: Buffer,
    private readonly logId: string,
  ) {}

  seal(userId: string, cursor: Cursor): string {
    const nonce = secretBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(this.boundTo(userId));
    return Buffer.concat([nonce, cipher.update(encode(cursor)), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** The cursor, or null when the token is mangled, forged, another user's, or of another log or key. */
  open(userId: string, token: string): Cursor | null {
    if (token.length > TOKEN_LENGTH_MAX) return null;
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES + 1) return null;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const sealed = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(this.boundTo(userId))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return decode(Buffer.concat([decipher.update(sealed), decipher.final()]));
    } catch {
      return null;
    }
  }

  private boundTo(userId: string): Buffer {
    return Buffer.from(JSON.stringify(['presently resume token', VERSION, this.logId, userId]));
  }
}

function encode(cursor: Cursor): Buffer {
  const out = Buffer.alloc(1 + POSITION_BYTES * cursor.length);
  out.writeUInt8(VERSION, 0);
  cursor.forEach(({ offset, step }, partition) => {
    out.writeDoubleBE(offset, 1 + POSITION_BYTES * partition);
    out.writeUInt32BE(step, 9 + POSITION_BYTES * partition);
  });
  return out;
}

function decode(bytes: Buffer): Cursor | null {
  if (bytes.readUInt8(0) !== VERSION || (bytes.length - 1) % POSITION_BYTES !== 0) return null;
  return Array.from({ length: (bytes.length - 1) / POSITION_BYTES }, (_, partition) => ({
    offset: bytes.readDoubleBE(1 + POSITION_BYTES * partition),
    step: bytes.readUInt32BE(9 + POSITION_BYTES * partition),
  }));
}
