/** A user and the device that the token was made for. */
export interface Caller {
  readonly userId: string;
  readonly deviceId: string | null;
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
