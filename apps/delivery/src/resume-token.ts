import { createCipheriv, createDecipheriv } from 'node:crypto';
import { secretBytes } from '#runtime/clock/chance';
import type { Place } from './place.ts';
import type { Cursor } from './tie-span.ts';

const VERSION = 1;
const HEAD_BYTES = 5;
const NONCE_BYTES = 12;
/** Asking for each by itself was a quarter of the time that sealing takes. */
const NONCES_AT_ONCE = 256;
const TAG_BYTES = 16;
const POSITION_BYTES = 12;
const TOKEN_LENGTH_MAX = 65_536;

/**
 * Seals places into resume tokens: AES-256-GCM with a random nonce, bound to the user and to the log. Sealed, because
 * the movement of a partition's offset would tell of the activity of users whom one may not see.
 */
export class ResumeTokens {
  /** All who are told of a change at once get the same place. */
  private last: { readonly cursor: Cursor; readonly bytes: Buffer } | null = null;
  private nonces: Buffer = Buffer.alloc(0);

  /** `key` has 32 bytes, the same on every delivery node. */
  constructor(
    private readonly key: Buffer,
    private readonly logId: string,
  ) {}

  seal(userId: string, place: Place): string {
    const nonce = this.freshNonce();
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(this.boundTo(userId));
    return Buffer.concat([nonce, cipher.update(this.encoded(place)), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  private encoded(place: Place): Buffer {
    if (place.after !== null) return encode(place);
    if (place.cursor !== this.last?.cursor) this.last = { cursor: place.cursor, bytes: encode(place) };
    return this.last.bytes;
  }

  private freshNonce(): Buffer {
    if (this.nonces.length === 0) this.nonces = secretBytes(NONCE_BYTES * NONCES_AT_ONCE);
    const nonce = this.nonces.subarray(0, NONCE_BYTES);
    this.nonces = this.nonces.subarray(NONCE_BYTES);
    return nonce;
  }

  /** The place, or null when the token is mangled, forged, another user's, or of another log or key. */
  open(userId: string, token: string): Place | null {
    if (token.length > TOKEN_LENGTH_MAX) return null;
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES + HEAD_BYTES) return null;
    if (bytes.toString('base64url') !== token) return null; // reading passes over what is no base64, and a few last bits
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

/** Version, number of partitions, their positions, and the user up to whom a snapshot was sent, if it is not complete. */
function encode({ cursor, after }: Place): Buffer {
  const head = Buffer.alloc(HEAD_BYTES + POSITION_BYTES * cursor.length);
  head.writeUInt8(VERSION, 0);
  head.writeUInt32BE(cursor.length, 1);
  cursor.forEach(({ offset, step }, partition) => {
    head.writeDoubleBE(offset, HEAD_BYTES + POSITION_BYTES * partition);
    head.writeUInt32BE(step, HEAD_BYTES + POSITION_BYTES * partition + 8);
  });
  return Buffer.concat([head, Buffer.from(after ?? '')]);
}

function decode(bytes: Buffer): Place | null {
  if (bytes.readUInt8(0) !== VERSION) return null;
  const length = bytes.readUInt32BE(1);
  const afterFrom = HEAD_BYTES + POSITION_BYTES * length;
  const cursor = Array.from({ length }, (_, partition) => ({
    offset: bytes.readDoubleBE(HEAD_BYTES + POSITION_BYTES * partition),
    step: bytes.readUInt32BE(HEAD_BYTES + POSITION_BYTES * partition + 8),
  }));
  return { cursor, after: bytes.length > afterFrom ? bytes.subarray(afterFrom).toString() : null };
}
