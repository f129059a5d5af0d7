import type { JWTPayload } from 'jose';
import { errors, jwtVerify } from 'jose';
import type { Cancel, Clock } from '../clock/clock.ts';
import { callAt } from '../clock/clock.ts';
import { forbidden, MatrixError, missingToken, unknownToken } from '../http/matrix-error.ts';
import type { Authenticator, Caller } from './authenticator.ts';
import { UPSTREAM_SCOPE } from './authenticator.ts';
import type { JwtKeys } from './jwt-keys.ts';
import { RefusedToken } from './refused-token.ts';
import { isDeviceId, isUserId } from './user-id.ts';

/** How far the issuer's clock may be off. */
const CLOCK_TOLERANCE_S = 10;
/** Of a set in which many keys fit a token that names none, so many are tried. */
const KEYS_TRIED_MAX = 10;

/** What tokens must say of where they come from and for whom they are; undefined: anything. */
export interface ExpectedClaims {
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

/**
 * Knows callers by signed tokens (JWT, RFC 7519): `sub` is the user, `device_id` the device, and `scope` has `presence:write`
 * for an upstream service.
 */
export class JwtAuthenticator implements Authenticator {
  constructor(
    private readonly keys: JwtKeys,
    private readonly clock: Clock,
    private readonly expected: ExpectedClaims = {},
  ) {}

  async user(token: string | null): Promise<Caller> {
    const claims = await this.claims(token);
    const { sub, device_id: deviceId = null } = claims;
    if (!isUserId(sub)) {
      if (isUpstream(claims)) throw forbidden('This is an upstream service’s token. This needs a user’s.');
      throw unknownToken('The token names no user: its sub must be a user id, as @user:server.');
    }
    if (deviceId !== null && !isDeviceId(deviceId)) {
      throw unknownToken('The token’s device_id must be text of 1 to 255 bytes.');
    }
    if (claims.exp === undefined) return { userId: sub, deviceId };
    return { userId: sub, deviceId, expiresAt: (claims.exp + CLOCK_TOLERANCE_S) * 1_000 };
  }

  async upstream(token: string | null): Promise<void> {
    if (isUpstream(await this.claims(token))) return;
    throw forbidden(`This needs an upstream service’s token: one whose scope has ${UPSTREAM_SCOPE}.`);
  }

  whenRefused(_token: string | null, { expiresAt }: Caller, refused: (error: MatrixError) => void): Cancel {
    if (expiresAt === undefined) return () => undefined;
    return callAt(this.clock, expiresAt, () => refused(expired()));
  }

  private async claims(token: string | null): Promise<JWTPayload> {
    if (token === null) throw missingToken();
    try {
      return await this.verify(token);
    } catch (error) {
      throw this.refusal(error);
    }
  }

  private async verify(token: string): Promise<JWTPayload> {
    try {
      return (await jwtVerify(token, this.keys.key, this.options())).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      let tried = 0;
      for await (const key of error) {
        if (++tried > KEYS_TRIED_MAX) break;
        try {
          return (await jwtVerify(token, key, this.options())).payload;
        } catch (wrong) {
          if (!(wrong instanceof errors.JWSSignatureVerificationFailed)) throw wrong;
        }
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }

  private options(): Parameters<typeof jwtVerify>[2] {
    const { issuer, audience } = this.expected;
    return {
      algorithms: [...this.keys.algorithms],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(this.clock.now()),
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
  }

  /** What a caller is told. jose looks at the signature first, so with a bad one nobody learns anything of the claims. */
  private refusal(error: unknown): unknown {
    if (error instanceof errors.JWTExpired) return expired();
    if (error instanceof errors.JWTClaimValidationFailed) return unknownToken(claimFault(error, this.expected));
    if (error instanceof errors.JWSSignatureVerificationFailed)
      return RefusedToken.unknown('The token’s signature is wrong.');
    if (error instanceof errors.JWKSNoMatchingKey)
      return RefusedToken.unknown('The token is signed with a key that is not known.');
    if (error instanceof errors.JOSEAlgNotAllowed) {
      return RefusedToken.unknown(`The token’s alg must be one of ${this.keys.algorithms.join(', ')}.`);
    }
    if (error instanceof errors.JOSEError)
      return RefusedToken.unknown(`The token is not a JWT that can be read: ${error.message}.`);
    return error; // 503 of the keys, or a bug
  }
}

/** Matrix: the client may get a new token, and go on as the same device. */
function expired(): MatrixError {
  return new MatrixError(401, 'M_UNKNOWN_TOKEN', 'The token has expired. Get a new one.', {
    fields: { soft_logout: true },
  });
}

function claimFault({ claim, reason }: errors.JWTClaimValidationFailed, { issuer, audience }: ExpectedClaims): string {
  if (claim === 'iss') return `The token is of another issuer: iss must be ${issuer}.`;
  if (claim === 'aud') return `The token is not for this service: aud must have ${audience}.`;
  if (claim === 'nbf' && reason === 'check_failed') return 'The token is not valid yet.';
  return `The token’s ${claim} is not as it must be.`;
}

/** Whether `scope` (RFC 8693: words with spaces between; some issuers write a list) has the scope. */
function isUpstream({ scope }: JWTPayload): boolean {
  const scopes: unknown = typeof scope === 'string' ? scope.split(' ') : scope;
  return Array.isArray(scopes) && scopes.includes(UPSTREAM_SCOPE);
}
