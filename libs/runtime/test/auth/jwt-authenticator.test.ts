import { createHmac, createSecretKey } from 'node:crypto';
import { jest } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { SignJWT } from 'jose';
import { JwtAuthenticator } from '#runtime/auth/jwt-authenticator';
import { fileKeys } from '#runtime/auth/jwt-keys';
import { RefusedToken } from '#runtime/auth/refused-token';
import type { MatrixError } from '#runtime/http/matrix-error';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { issuerOf, jwkOf, outcome, pem, sign } from './tokens.ts';

const clock = new MovableClock(1_700_000_000_000);
const NOW_S = 1_700_000_000;
const issuer = issuerOf.p256();
const keys = fileKeys({ kind: 'public', keys: [jwkOf(issuer.publicKey)] });
const anyone = new JwtAuthenticator(keys, clock);
const strict = new JwtAuthenticator(keys, clock, { issuer: 'https://id.example', audience: 'presence' });

const alice = { sub: '@alice:example', device_id: 'PHONE', exp: NOW_S + 60 };
/** Until when it is taken, which is 10 s longer than the token says. */
const goodUntil = (exp: number): object => ({
  userId: '@alice:example',
  deviceId: 'PHONE',
  expiresAt: (exp + 10) * 1_000,
});
const good = goodUntil(alice.exp);
const refused = (message: string, ...more: unknown[]): unknown[] => [401, 'M_UNKNOWN_TOKEN', message, ...more];

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a token names the user, and the device if it has one', async () => {
  expect(await outcome(anyone.user(await sign(issuer, alice)))).toEqual(good);
  expect(await outcome(anyone.user(await sign(issuer, { sub: '@bob:example' })))).toEqual({
    userId: '@bob:example',
    deviceId: null,
  });
});

test('without a token, that is what is missing', async () => {
  const missing = [401, 'M_MISSING_TOKEN', 'Send an access token: Authorization: Bearer TOKEN.'];
  expect(await outcome(anyone.user(null))).toEqual(missing);
  expect(await outcome(anyone.upstream(null))).toEqual(missing);
});

test('a token is good until it expires, and a little longer, as clocks differ; then the client may get a new one', async () => {
  const until = (exp: number): Promise<string> => sign(issuer, { ...alice, exp });
  expect(await outcome(anyone.user(await until(NOW_S - 9)))).toEqual(goodUntil(NOW_S - 9));
  expect(await outcome(anyone.user(await until(NOW_S - 10)))).toEqual(
    refused('The token has expired. Get a new one.', { soft_logout: true }),
  );
});

test('what is open ends when the token expires, and is told what the token is told then', async () => {
  const opened = new MovableClock(NOW_S * 1_000);
  const authenticator = new JwtAuthenticator(keys, opened);
  const timers = jest.spyOn(opened, 'after');
  const told: MatrixError[] = [];
  const open = async (claims: JWTPayload): Promise<() => void> => {
    const token = await sign(issuer, claims);
    return authenticator.whenRefused(token, await authenticator.user(token), (error) => told.push(error));
  };
  await open({ sub: '@forever:example' });
  expect(timers).not.toHaveBeenCalled();
  const close = await open({ ...alice, exp: NOW_S + 1 });
  await open({ ...alice, exp: NOW_S + 40 * 86_400 }); // further away than a timer can be
  close();
  opened.move((40 * 86_400 + 10) * 1_000 - 1);
  expect(told).toEqual([]);
  opened.move(1);
  expect(told.map(({ errcode, more }) => [errcode, more.fields])).toEqual([['M_UNKNOWN_TOKEN', { soft_logout: true }]]);
});

test('a token that is not valid yet is refused', async () => {
  expect(await outcome(anyone.user(await sign(issuer, { ...alice, nbf: NOW_S + 10 })))).toEqual(good);
  expect(await outcome(anyone.user(await sign(issuer, { ...alice, nbf: NOW_S + 11 })))).toEqual(
    refused('The token is not valid yet.'),
  );
});

test('an expiry that is no number is not taken for none', async () => {
  const token = await sign(issuer, { ...alice, exp: 'never' as unknown as number });
  expect(await outcome(anyone.user(token))).toEqual(refused('The token’s exp is not as it must be.'));
});

test('issuer and audience count when they are configured', async () => {
  const fits = { ...alice, iss: 'https://id.example', aud: ['other', 'presence'] };
  expect(await outcome(strict.user(await sign(issuer, fits)))).toEqual(good);
  const otherIssuer = refused('The token is of another issuer: iss must be https://id.example.');
  expect(await outcome(strict.user(await sign(issuer, { ...fits, iss: 'https://evil.example' })))).toEqual(otherIssuer);
  expect(await outcome(strict.user(await sign(issuer, { ...alice, aud: 'presence' })))).toEqual(otherIssuer);
  const otherAudience = refused('The token is not for this service: aud must have presence.');
  expect(await outcome(strict.user(await sign(issuer, { ...fits, aud: 'other' })))).toEqual(otherAudience);
  expect(await outcome(strict.user(await sign(issuer, { ...alice, iss: fits.iss })))).toEqual(otherAudience);
});

test.each([
  ['none', undefined],
  ['empty', ''],
  ['not a user id', 'alice'],
  ['without a server', '@alice:'],
  ['without a name', '@:example'],
  ['with a space', '@alice:exa mple'],
  ['too long', `@${'a'.repeat(251)}:exa`],
  ['not well-formed', '@\ud800:example'],
])('a sub that is %s names no user', async (_what, sub) => {
  const token = await sign(issuer, sub === undefined ? {} : { sub });
  expect(await outcome(anyone.user(token))).toEqual(
    refused('The token names no user: its sub must be a user id, as @user:server.'),
  );
});

test('a user id takes 255 bytes, and no more', async () => {
  const sub = `@${'ä'.repeat(123)}:example`;
  expect(Buffer.byteLength(sub)).toBe(255);
  expect(await outcome(anyone.user(await sign(issuer, { sub })))).toMatchObject({ userId: sub });
});

test.each([[7], [''], ['x'.repeat(256)]])('a device_id of %j is refused', async (device_id) => {
  expect(await outcome(anyone.user(await sign(issuer, { ...alice, device_id })))).toEqual(
    refused('The token’s device_id must be text of 1 to 255 bytes.'),
  );
});

describe('upstream', () => {
  test.each([['presence:write'], ['openid presence:write email'], [['openid', 'presence:write']]])(
    'is who has the scope in %j',
    async (scope) => {
      expect(await outcome(anyone.upstream(await sign(issuer, { sub: 'chat-server', scope })))).toBe('upstream');
    },
  );

  test.each([
    [undefined],
    ['presence:writer'],
    ['presence:read'],
    [{ 'presence:write': true }],
    [['presence:write email']],
  ])('is nobody with %j', async (scope) => {
    const token = await sign(issuer, { ...alice, ...(scope === undefined ? {} : { scope }) });
    expect(await outcome(anyone.upstream(token))).toEqual([
      403,
      'M_FORBIDDEN',
      'This needs an upstream service’s token: one whose scope has presence:write.',
    ]);
  });

  test('is not a user', async () => {
    const token = await sign(issuer, { sub: 'chat-server', scope: 'presence:write' });
    expect(await outcome(anyone.user(token))).toEqual([
      403,
      'M_FORBIDDEN',
      'This is an upstream service’s token. This needs a user’s.',
    ]);
  });

  test('has to have a good token, too', async () => {
    const token = await sign(issuerOf.p256(), { scope: 'presence:write' });
    expect(await outcome(anyone.upstream(token))).toEqual(refused('The token’s signature is wrong.'));
  });
});

describe('a forged token is refused, and counts as a guess:', () => {
  const rsa = issuerOf.rsa();
  const rsaKeys = new JwtAuthenticator(fileKeys({ kind: 'public', keys: [jwkOf(rsa.publicKey)] }), clock);

  /** A token by HMAC, as a library would make it that takes any key for a secret. */
  function hmac(secret: string | Buffer, alg = 'HS256'): string {
    const input = `${part({ alg })}.${part(alice)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }

  const algOf = 'The token’s alg must be one of RS256, RS384, ';
  const forgeries: [what: string, token: () => string | Promise<string>, told: string][] = [
    ['alg none', () => `${part({ alg: 'none' })}.${part(alice)}.`, algOf],
    ['alg None', () => `${part({ alg: 'None' })}.${part(alice)}.`, algOf],
    ['no alg', () => `${part({})}.${part(alice)}.`, 'The token is not a JWT that can be read: '],
    ['the public key as the secret of HS256, PEM', () => hmac(pem(rsa)), algOf],
    ['the same, DER', () => hmac(rsa.publicKey.export({ type: 'spki', format: 'der' })), algOf],
    ['the same, under the name of RS256', () => hmac(pem(rsa), 'RS256'), 'The token’s signature is wrong.'],
    [
      'a secret of nothing',
      () => new SignJWT(alice).setProtectedHeader({ alg: 'HS256' }).sign(createSecretKey(Buffer.alloc(32))),
      algOf,
    ],
    ['another issuer', () => sign(issuerOf.rsa(), alice), 'The token’s signature is wrong.'],
    ['a key of another kind', () => sign(issuer, alice), 'The token is signed with a key that is not known.'],
    [
      'a key of its own in the header',
      () => {
        const own = issuerOf.rsa();
        return sign(own, alice, { jwk: jwkOf(own.publicKey) });
      },
      'The token’s signature is wrong.',
    ],
    [
      'a header that must be understood, and is not',
      () => `${part({ alg: 'RS256', crit: ['x'], x: 1 })}.${part(alice)}.AAAA`,
      'The token is not a JWT that can be read: ',
    ],
    ['no JWT', () => 'syt_YWxpY2U_secret', 'The token is not a JWT that can be read: '],
    ['two parts', () => `${part({ alg: 'RS256' })}.${part(alice)}`, 'The token is not a JWT that can be read: '],
  ];

  test.each(forgeries)('%s', async (_what, make, told) => {
    const error: unknown = await rsaKeys.user(await make()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedToken);
    expect((error as RefusedToken).getStatus()).toBe(401);
    expect((error as RefusedToken).message).toContain(told);
  });

  test('claims that were changed', async () => {
    const [header, , signature] = (await sign(rsa, alice)).split('.');
    const token = `${header}.${part({ ...alice, sub: '@admin:example' })}.${signature}`;
    expect(await outcome(rsaKeys.user(token))).toEqual(refused('The token’s signature is wrong.'));
  });
});

test('an expired token, and one of another issuer, are no guesses', async () => {
  for (const token of [await sign(issuer, { ...alice, exp: 1 }), await sign(issuer, alice)]) {
    const error: unknown = await strict.user(token).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(RefusedToken);
  }
});

test('nobody learns from a forged token what its claims should have been', async () => {
  const token = await sign(issuerOf.p256(), { ...alice, exp: 1 });
  expect(await outcome(strict.user(token))).toEqual(refused('The token’s signature is wrong.'));
});
