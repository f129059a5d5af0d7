import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import type { JWK, JWTPayload } from 'jose';
import { SignJWT } from 'jose';
import type { Caller } from '#runtime/auth/authenticator';
import type { MatrixError } from '#runtime/http/matrix-error';

/** A pair of keys of an issuer. */
export interface Issuer {
  readonly alg: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const ecOf = (alg: string, namedCurve: string): Issuer => ({ alg, ...generateKeyPairSync('ec', { namedCurve }) });

export const issuerOf: Readonly<Record<'rsa' | 'p256' | 'p384' | 'p521' | 'ed25519', () => Issuer>> = {
  rsa: () => ({ alg: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 2_048 }) }),
  p256: () => ecOf('ES256', 'P-256'),
  p384: () => ecOf('ES384', 'P-384'),
  p521: () => ecOf('ES512', 'P-521'),
  ed25519: () => ({ alg: 'EdDSA', ...generateKeyPairSync('ed25519') }),
};

/** A token that the issuer signs, with these claims and additions to the header. */
export function sign({ alg, privateKey }: Issuer, claims: JWTPayload, header: object = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(privateKey);
}

export const pem = ({ publicKey }: Issuer): string => publicKey.export({ type: 'spki', format: 'pem' }).toString();
export const jwkOf = (key: KeyObject, kid?: string): JWK => ({
  ...(key.export({ format: 'jwk' }) as JWK),
  ...(kid === undefined ? {} : { kid }),
});

/** What a caller is told: who they are, or the status and the error. */
export async function outcome(answer: Promise<Caller | void>): Promise<unknown> {
  try {
    return (await answer) ?? 'upstream';
  } catch (error) {
    const { errcode, message, more } = error as MatrixError;
    if (errcode === undefined) throw error;
    const { retryAfterMs, fields } = more;
    const rest = [retryAfterMs, fields].filter((part) => part !== undefined);
    return [(error as MatrixError).getStatus(), errcode, message, ...rest];
  }
}
