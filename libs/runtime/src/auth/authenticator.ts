/** A user and the device that the token was made for. */
export interface Caller {
  readonly userId: string;
  readonly deviceId: string | null;
  /** When the token expires, milliseconds since the epoch; absent: not known, or never. */
  readonly expiresAt?: number;
}

/** Longer timers overflow in Node; a client that has been there for so long can as well come back. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** How long a stream of the caller may last from now, milliseconds: until the token expires. */
export function msUntilExpiry({ expiresAt = Infinity }: Caller, now: number): number {
  return Math.min(TIMER_MS_MAX, Math.max(0, expiresAt - now));
}

/**
 * Tells who is calling by the access token. Throws a `MatrixError`: 401 or 403 when the token is not good enough, 503 when
 * another service that has to be asked does not answer.
 */
export interface Authenticator {
  user(token: string | null): Promise<Caller>;
  /** Resolves when the token is an upstream service's. */
  upstream(token: string | null): Promise<void>;
}

/** The scope that an upstream service's token has, where tokens have scopes. */
export const UPSTREAM_SCOPE = 'presence:write';

export const AUTHENTICATOR = Symbol('Authenticator');

/** The token of an `Authorization: Bearer` header, or null. */
export function bearerToken(authorization: string | undefined): string | null {
  const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
  return match?.[1] ?? null;
}
