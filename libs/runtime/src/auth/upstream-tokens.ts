import { createHash, timingSafeEqual } from 'node:crypto';
import { missingToken } from '../http/matrix-error.ts';
import { RefusedToken } from './refused-token.ts';

/** The tokens of upstream services that are configured one by one (`PRESENTLY_UPSTREAM_TOKENS`). */
export class UpstreamTokens {
  private readonly digests: readonly Buffer[];

  constructor(tokens: readonly string[]) {
    this.digests = tokens.map(digest);
  }

  /** Compares in constant time, and with every one, so that an answer's delay tells nothing of them. */
  has(token: string): boolean {
    const given = digest(token);
    let isThere = false;
    for (const known of this.digests) if (timingSafeEqual(known, given)) isThere = true;
    return isThere;
  }

  /** Throws a `MatrixError`: 401 without a token, 403 with `message` when it is none of these. */
  require(token: string | null, message: string): void {
    if (token === null) throw missingToken();
    if (!this.has(token)) throw RefusedToken.forbidden(message);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
