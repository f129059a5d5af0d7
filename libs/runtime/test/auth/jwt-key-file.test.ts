import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JwtAuthenticator } from '#runtime/auth/jwt-authenticator';
import { readJwtKeyFile } from '#runtime/auth/jwt-key-file';
import { fileKeys } from '#runtime/auth/jwt-keys';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';
import type { Issuer } from './tokens.ts';
import { issuerOf, jwkOf, outcome, pem, sign } from './tokens.ts';

const directory = temporaryDirectory();
const clock = new MovableClock();

function keyFile(content: string | object): string {
  const path = join(directory.path(), 'key');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Who is calling with the token, when the file has the keys. */
function caller(content: string | object, token: string): Promise<unknown> {
  return outcome(new JwtAuthenticator(fileKeys(readJwtKeyFile(keyFile(content))), clock).user(token));
}

const alice = { userId: '@alice:example', deviceId: null };
const claims = { sub: '@alice:example' };

describe.each(Object.entries(issuerOf))('a key %s', (_name, make) => {
  const issuer = make();
  const { publicKey, privateKey } = issuer;
  const secondOf = (set: object): object => ({ keys: [{ kty: 'XY' }, set] });

  test.each([
    ['public PEM', pem(issuer)],
    ['private PEM, of which the public part counts', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['public JWK', jwkOf(publicKey)],
    ['private JWK, of which the public part counts', { ...jwkOf(privateKey), key_ops: ['sign'] }],
    ['JWKS, beside others', secondOf(jwkOf(publicKey))],
  ])('is good as %s', async (_form, content) => {
    expect(await caller(content, await sign(issuer, claims))).toEqual(alice);
    const forged = await sign(make(), claims);
    expect(await caller(content, forged)).toEqual([401, 'M_UNKNOWN_TOKEN', 'The token’s signature is wrong.']);
  });
});

test('a file with one key takes tokens with any kid, a JWKS only those it has', async () => {
  const issuer = issuerOf.p256();
  const token = await sign(issuer, claims, { kid: 'new' });
  expect(await caller(pem(issuer), token)).toEqual(alice);
  expect(await caller(jwkOf(issuer.publicKey, 'old'), token)).toEqual(alice);
  const set = { keys: [jwkOf(issuer.publicKey, 'old'), jwkOf(issuerOf.p256().publicKey, 'older')] };
  expect(await caller(set, token)).toEqual([
    401,
    'M_UNKNOWN_TOKEN',
    'The token is signed with a key that is not known.',
  ]);
});

test('a token without kid is checked with every key of a JWKS that fits', async () => {
  const [first, second, other] = [issuerOf.p256(), issuerOf.p256(), issuerOf.p256()];
  const set = { keys: [first, second, issuerOf.rsa()].map(({ publicKey }) => jwkOf(publicKey)) };
  expect(await caller(set, await sign(second, claims))).toEqual(alice);
  expect(await caller(set, await sign(other, claims))).toEqual([
    401,
    'M_UNKNOWN_TOKEN',
    'The token’s signature is wrong.',
  ]);
});

describe('a secret', () => {
  const bytes = randomBytes(32);
  const secret = { kty: 'oct', k: bytes.toString('base64url') };
  const issuer = { alg: 'HS256', privateKey: bytes } as unknown as Issuer;

  test('is good as a JWK', async () => {
    expect(await caller(secret, await sign(issuer, claims))).toEqual(alice);
    expect(await caller(secret, await sign({ ...issuer, alg: 'HS512' }, claims))).toEqual(alice);
  });

  test('takes no token that is signed with a private key', async () => {
    expect(await caller(secret, await sign(issuerOf.p256(), claims))).toEqual([
      401,
      'M_UNKNOWN_TOKEN',
      'The token’s alg must be one of HS256, HS384, HS512.',
    ]);
  });
});

test.each<[what: string, content: () => string | object, fault: RegExp]>([
  ['is not there', () => '', /^cannot be read: ENOENT/],
  ['is neither', () => 'secret', /^is no PEM, and no JSON either$/],
  ['is other JSON', () => ({ key: 1 }), /^is no PEM, JWK or JWKS$/],
  ['has no keys', () => ({ keys: [] }), /^is no PEM, JWK or JWKS$/],
  [
    'is a damaged PEM',
    () => '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
    /^is no key that can be read: /,
  ],
  [
    'is encrypted',
    () =>
      issuerOf
        .p256()
        .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
        .toString(),
    /^is an encrypted private key$/,
  ],
  ['is a damaged JWK', () => ({ kty: 'EC', crv: 'P-256', x: 'AA' }), /^is no key that can be read: /],
  ['is for encryption', () => ({ ...jwkOf(issuerOf.p256().publicKey), use: 'enc' }), /^is a key for "use":"enc", not/],
  [
    'is for another alg',
    () => ({ ...jwkOf(issuerOf.rsa().publicKey), alg: 'RSA-OAEP' }),
    /^is a key for "alg":"RSA-OAEP"/,
  ],
  [
    'is too short an RSA key',
    () => pem({ alg: '', ...generateKeyPairSync('rsa', { modulusLength: 1_024 }) }),
    /^is an RSA key of 1024 bits, and 2048 are the least$/,
  ],
  [
    'is of another curve',
    () => pem({ alg: '', ...generateKeyPairSync('ec', { namedCurve: 'secp256k1' }) }),
    /^is a key of type ec secp256k1: use RSA, P-256, P-384, P-521 or Ed25519$/,
  ],
  ['signs nothing', () => pem({ alg: '', ...generateKeyPairSync('x25519') }), /^is a key of type x25519: use RSA/],
  ['is too short a secret', () => ({ kty: 'oct', k: 'c2VjcmV0' }), /^is a secret of 6 bytes, and 32 are the least$/],
  ['is a secret for HS alone', () => ({ kty: 'oct', k: 'c2VjcmV0', alg: 'A256GCM' }), /^is a key for "alg":"A256GCM"/],
  [
    'is a set of secrets',
    () => ({ keys: [{ kty: 'oct', k: randomBytes(32).toString('base64url') }] }),
    /^has no key to check tokens with: its first is a secret/,
  ],
])('a file that %s is refused, and why', (_what, content, fault) => {
  const text = content();
  const path = text === '' ? join(directory.path(), 'missing') : keyFile(text);
  expect(() => readJwtKeyFile(path)).toThrow(fault);
});
