import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createSecretKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { freshSigningKey } from '#runtime/clock/chance';
import { CommandError } from '#runtime/process';

/** A key to sign tokens with. */
export interface SigningKey {
  readonly key: KeyObject;
  /** As a token's header names it (RFC 7518). */
  readonly alg: string;
  readonly kid: string | undefined;
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
const SECRET_BYTES_MIN = 32;

const jwk = z.looseObject({
  kty: z.string(),
  alg: z.string().optional(),
  kid: z.string().optional(),
  k: z.string().default(''),
});

/** Reads a private key (PEM or JWK), or a secret (JWK of `"kty":"oct"`). Throws a `CommandError` that says what is wrong. */
export function readSigningKey(path: string): SigningKey {
  const text = read(path);
  if (text.includes('-----BEGIN ')) return ofPrivate(path, privateKey(path, text), undefined, undefined);
  const { data } = jwk.safeParse(json(path, text));
  if (data === undefined) throw new CommandError(`${path} has no single key: it must be a PEM or a JWK.`);
  if (data.kty !== 'oct') {
    if (!('d' in data)) throw onlyPublic(path);
    return ofPrivate(path, privateKey(path, { key: data, format: 'jwk' }), data.alg, data.kid);
  }
  const secret = Buffer.from(data.k, 'base64url');
  if (secret.length < SECRET_BYTES_MIN) {
    throw new CommandError(`${path} has a secret of ${secret.length} bytes, and ${SECRET_BYTES_MIN} are the least.`);
  }
  return { key: createSecretKey(secret), alg: data.alg ?? 'HS256', kid: data.kid };
}

/** Writes a new private key (PEM, for ES256), which its owner alone can read. Throws a `CommandError`, also when there is one. */
export function writeSigningKey(path: string): void {
  try {
    const pem = freshSigningKey().export({ format: 'pem', type: 'pkcs8' });
    writeFileSync(path, pem, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new CommandError(`${path} is there already, and was left as it is.`);
    throw new CommandError(`${path} cannot be written: ${message}.`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read: ${message}.`);
  }
}

function json(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${path} is no PEM, and no JWK either.`);
  }
}

function privateKey(path: string, given: Parameters<typeof createPrivateKey>[0]): KeyObject {
  if (typeof given === 'string') {
    if (/^-----BEGIN .*ENCRYPTED|^Proc-Type: .*ENCRYPTED/m.test(given)) {
      throw new CommandError(`${path} is encrypted. Decrypt it first: openssl pkey -in ${path} -out FILE`);
    }
    if (!given.includes('PRIVATE KEY-')) throw onlyPublic(path);
  }
  try {
    return createPrivateKey(given);
  } catch (error) {
    throw new CommandError(`${path} has no key that can be read: ${(error as Error).message}.`);
  }
}

const onlyPublic = (path: string): CommandError =>
  new CommandError(`${path} has only the public part of a key. Signing needs the private one.`);

function ofPrivate(path: string, key: KeyObject, alg: string | undefined, kid: string | undefined): SigningKey {
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details = {} } = key;
  const ofType: Readonly<Record<string, string | undefined>> = {
    rsa: 'RS256',
    ed25519: 'EdDSA',
    ec: CURVES[details.namedCurve ?? ''],
  };
  const guessed = ofType[type];
  if (guessed !== undefined) return { key, alg: alg ?? guessed, kid };
  throw new CommandError(`${path} has a key that signs no tokens: use RSA, P-256, P-384, P-521 or Ed25519.`);
}
