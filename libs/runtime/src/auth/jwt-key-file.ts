import type { KeyObject } from 'node:crypto';
import { createPublicKey, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { z } from 'zod';
import { PUBLIC_KEY_ALGORITHMS, SECRET_ALGORITHMS } from './jwt-algorithms.ts';

/** What is wrong with a key file, as the end of a sentence that begins with its name. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** The keys of a file: public ones, or a secret that is also its issuer's. */
export type JwtKeyFile =
  { readonly kind: 'public'; readonly keys: readonly JWK[] } | { readonly kind: 'secret'; readonly secret: KeyObject };

/** As RFC 7518 (3.2, 3.3) asks for. */
const SECRET_BYTES_MIN = 32;
const RSA_BITS_MIN = 2_048;
const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

const jwk = z.looseObject({ kty: z.string() });
const jwks = z.looseObject({ keys: z.array(jwk).min(1) });

/**
 * Reads the keys with which tokens are checked: a PEM (public key or certificate), a JWK, or a JWKS. Of a private key it
 * takes the public part. Only a JWK of `"kty":"oct"` is a secret: no other file ever gives one, so nobody can sign with a
 * public key as if it were a secret. Throws a `KeyFileError`.
 */
export function readJwtKeyFile(path: string): JwtKeyFile {
  const text = read(path);
  if (/^-----BEGIN .*ENCRYPTED|^Proc-Type: .*ENCRYPTED/m.test(text))
    throw new KeyFileError('is an encrypted private key');
  if (text.includes('-----BEGIN ')) return { kind: 'public', keys: [publicKey(text)] };
  const value = json(text);
  const set = jwks.safeParse(value);
  if (set.success) return { kind: 'public', keys: usable(set.data.keys) };
  const one = jwk.safeParse(value);
  if (!one.success) throw new KeyFileError('is no PEM, JWK or JWKS');
  if (one.data.kty === 'oct') return { kind: 'secret', secret: secretKey(one.data) };
  return { kind: 'public', keys: [publicKey(one.data)] };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new KeyFileError(`cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KeyFileError('is no PEM, and no JSON either');
  }
}

/** A set can hold keys for other things, too. */
function usable(keys: readonly JWK[]): JWK[] {
  const faults: string[] = [];
  const good = keys.flatMap((key) => {
    try {
      return publicKey(key);
    } catch (error) {
      faults.push((error as Error).message);
      return [];
    }
  });
  if (good.length === 0) throw new KeyFileError(`has no key to check tokens with: its first ${faults[0]}`);
  return good;
}

/** The public part of a key, whichever form it has. */
function publicKey(given: string | JWK): JWK {
  const { kid, alg, use }: JWK = typeof given === 'string' ? {} : given;
  requireForSignatures(use, alg, PUBLIC_KEY_ALGORITHMS);
  if (typeof given !== 'string' && given.kty === 'oct') {
    throw new KeyFileError('is a secret ("kty":"oct"), which has to be a JWK alone in its file');
  }
  const key = parse(given);
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details = {} } = key;
  const { modulusLength = 0, namedCurve = '' } = details;
  if (type === 'rsa' && modulusLength < RSA_BITS_MIN) {
    throw new KeyFileError(`is an RSA key of ${modulusLength} bits, and ${RSA_BITS_MIN} are the least`);
  }
  if (type !== 'rsa' && type !== 'ed25519' && !(type === 'ec' && CURVES.has(namedCurve))) {
    throw new KeyFileError(
      `is a key of type ${type} ${namedCurve}`.trimEnd() + ': use RSA, P-256, P-384, P-521 or Ed25519',
    );
  }
  const named = { ...(kid === undefined ? {} : { kid }), ...(alg === undefined ? {} : { alg }) };
  return { ...(key.export({ format: 'jwk' }) as JWK), ...named };
}

function parse(given: string | JWK): KeyObject {
  try {
    return createPublicKey(typeof given === 'string' ? given : { key: { ...given }, format: 'jwk' });
  } catch (error) {
    throw new KeyFileError(`is no key that can be read: ${(error as Error).message}`, { cause: error });
  }
}

function requireForSignatures(use: string | undefined, alg: string | undefined, algorithms: readonly string[]): void {
  if (use !== undefined && use !== 'sig') throw new KeyFileError(`is a key for "use":"${use}", not for signatures`);
  if (alg !== undefined && !algorithms.includes(alg)) {
    throw new KeyFileError(`is a key for "alg":"${alg}", which is none of ${algorithms.join(', ')}`);
  }
}

function secretKey({ k, use, alg }: JWK): KeyObject {
  requireForSignatures(use, alg, SECRET_ALGORITHMS);
  const bytes = Buffer.from(k ?? '', 'base64url');
  if (bytes.length < SECRET_BYTES_MIN) {
    throw new KeyFileError(`is a secret of ${bytes.length} bytes, and ${SECRET_BYTES_MIN} are the least`);
  }
  return createSecretKey(bytes);
}
