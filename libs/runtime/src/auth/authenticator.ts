import type { Cancel } from '../clock/clock.ts';
import type { MatrixError } from '../http/matrix-error.ts';

/** A user and the device that the token was made for. */
export interface Caller {
  readonly userId: string;
  readonly deviceId: string | null;
  /** When the token expires, milliseconds since the epoch; absent: not known, or never. */
  readonly expiresAt?: number;
}

/** How long the caller’s token is good from now, milliseconds; infinite when that is not known. */
export function msUntilExpiry({ expiresAt = Infinity }: Caller, now: number): number {
  return Math.max(0, expiresAt - now);
}

/**
 * Tells who is calling by the access token. Throws a `MatrixError`: 401 or 403 when the token is not good enough, 503 when
 * another service that has to be asked does not answer.
 */
export interface Authenticator {
  user(token: string | null): Promise<Caller>;
  /** Resolves when the token is an upstream service's. */
  upstream(token: string | null): Promise<void>;
  /**
   * For what stays open: calls `refused`, with what the token is told then (401), when a user’s token that was good is good
   * no more: it has expired, or was revoked. Not at once, and not any more once it is cancelled.
   */
  whenRefused(token: string | null, caller: Caller, refused: (error: MatrixError) => void): Cancel;
}

/** The scope that an upstream service's token has, where tokens have scopes. */
export const UPSTREAM_SCOPE = 'presence:write';

export const AUTHENTICATOR = Symbol('Authenticator');

/** The token of an `Authorization: Bearer` header, or null. */
export function bearerToken(authorization: string | undefined): string | null {
  const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
  return match?.[1] ?? null;
}
