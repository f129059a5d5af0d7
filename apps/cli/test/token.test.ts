import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { readSigningKey, writeSigningKey } from '#cli/signing-key';
import { tokenCommand } from '#cli/token';
import { JwtAuthenticator } from '#runtime/auth/jwt-authenticator';
import { readJwtKeyFile } from '#runtime/auth/jwt-key-file';
import { fileKeys } from '#runtime/auth/jwt-keys';
import { systemClock } from '#runtime/clock/system-clock';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { issuerOf, jwkOf, outcome, pem } from '../../../libs/runtime/test/auth/tokens.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';

const directory = temporaryDirectory();
const path = (): string => join(directory.path(), 'key');
const write = (content: string | object): void =>
  writeFileSync(path(), typeof content === 'string' ? content : JSON.stringify(content));

/** What `presently token` prints. */
async function token(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    await tokenCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .parseAsync(args, { from: 'user' });
  } finally {
    stdout.mockRestore();
  }
  return lines.join('').trimEnd();
}

const mint = (...args: string[]): Promise<string> => token(...args, '--key', path());

describe.each(Object.entries(issuerOf))('with a key %s', (_name, make) => {
  const issuer = make();
  const ownPem = issuer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test.each([
    ['PEM', ownPem],
    ['JWK', jwkOf(issuer.privateKey, 'mine')],
  ])('of a %s the server knows the user', async (_form, content) => {
    write(content);
    const minted = await mint('@alice:example', '--device', 'PHONE');
    const authenticator = new JwtAuthenticator(fileKeys(readJwtKeyFile(path())), systemClock);
    expect(await outcome(authenticator.user(minted))).toMatchObject({ userId: '@alice:example', deviceId: 'PHONE' });
    expect(decodeProtectedHeader(minted)).toEqual({
      alg: issuer.alg,
      typ: 'JWT',
      ...(typeof content === 'string' ? {} : { kid: 'mine' }),
    });
  });
});

test('a secret does, too', async () => {
  write({ kty: 'oct', k: randomBytes(32).toString('base64url') });
  const authenticator = new JwtAuthenticator(fileKeys(readJwtKeyFile(path())), systemClock);
  const minted = await mint('service', '--scope', 'openid presence:write');
  expect(await outcome(authenticator.upstream(minted))).toBe('upstream');
});

test('a new key is written, and used at once', async () => {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const minted = await token('@alice:example', '--new-key', path());
  stderr.mockRestore();
  const authenticator = new JwtAuthenticator(fileKeys(readJwtKeyFile(path())), systemClock);
  expect(await outcome(authenticator.user(minted))).toMatchObject({ userId: '@alice:example', deviceId: null });
});

test('a key that is there is left as it is', () => {
  write('mine');
  expect(() => writeSigningKey(path())).toThrow(`${path()} is there already, and was left as it is.`);
  expect(readFileSync(path(), 'utf8')).toBe('mine');
});

test('the claims are what was asked for', async () => {
  writeSigningKey(path());
  const claims = decodeJwt(
    await mint('@a:x', '--scope', 'a b', '--ttl', '90s', '--issuer', 'https://id.example', '--audience', 'presently'),
  );
  const { iat = 0 } = claims;
  const rest = { sub: '@a:x', scope: 'a b', iss: 'https://id.example', aud: 'presently' };
  expect(claims).toEqual({ ...rest, iat, exp: iat + 90 });
  expect(Math.abs(iat - Date.now() / 1_000)).toBeLessThan(10);
  const usual = decodeJwt(await mint('@a:x'));
  expect((usual.exp ?? 0) - (usual.iat ?? 0)).toBe(3_600);
});

test.each(['1', 'h', '0s', '1w', '-1h', '1.5h', '9999d'])('%s is no time to live', async (ttl) => {
  writeSigningKey(path());
  await expect(mint('@a:x', '--ttl', ttl)).rejects.toThrow(
    /It must be a number with s, m, h or d, as 90s, 30m, 1h or 7d\./,
  );
});

test.each<[what: string, args: string[], error: string]>([
  ['a user', [], 'Name a user, as @alice:example, or make a key with --new-key FILE.'],
  [
    'a user id',
    ['alice'],
    'alice is no user id, as @alice:example. Only with --scope presence:write any name will do.',
  ],
  ['a device', ['@a:x', '--device', ''], 'A device id takes 1 to 255 bytes.'],
])('without %s it says so', async (_what, args, error) => {
  writeSigningKey(path());
  await expect(mint(...args)).rejects.toThrow(error);
});

test.each<[what: string, content: () => string | object, error: RegExp]>([
  ['a public key', () => pem(issuerOf.p256()), /has only the public part of a key\. Signing needs the private one\.$/],
  ['a public JWK', () => jwkOf(issuerOf.p256().publicKey), /has only the public part of a key/],
  ['a set', () => ({ keys: [] }), /has no single key: it must be a PEM or a JWK\.$/],
  ['no key', () => 'what', /is no PEM, and no JWK either\.$/],
  ['a damaged key', () => '-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----', /has no key that can be read/],
  [
    'an encrypted key',
    () =>
      issuerOf
        .p256()
        .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
        .toString(),
    /is encrypted\. Decrypt it first: openssl pkey -in /,
  ],
  ['a short secret', () => ({ kty: 'oct', k: 'AAAA' }), /has a secret of 3 bytes, and 32 are the least\.$/],
])('from %s it makes no token, and says why', (_what, content, error) => {
  write(content());
  expect(() => readSigningKey(path())).toThrow(error);
});

test('an alg that the key cannot do is told', async () => {
  write({ ...jwkOf(issuerOf.p256().privateKey), alg: 'ES384' });
  await expect(mint('@a:x')).rejects.toThrow(/cannot be used to sign by ES384: /);
});
