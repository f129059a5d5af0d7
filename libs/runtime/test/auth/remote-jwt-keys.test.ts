import type { JWK } from 'jose';
import { JwtAuthenticator } from '#runtime/auth/jwt-authenticator';
import { RemoteJwtKeys } from '#runtime/auth/remote-jwt-keys';
import type { Log } from '#runtime/log';
import { HttpServer, sendJson } from '../../../../test/support/http-server.ts';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import type { Issuer } from './tokens.ts';
import { issuerOf, jwkOf, outcome, sign } from './tokens.ts';

const MINUTE_MS = 60_000;
const [first, second] = [issuerOf.p256(), issuerOf.ed25519()];
const alice = { userId: '@alice:example', deviceId: null };
const notKnown = [401, 'M_UNKNOWN_TOKEN', 'The token is signed with a key that is not known.'];
const unavailable = [
  503,
  'M_UNAVAILABLE',
  'The keys with which tokens are checked cannot be had now. Try again.',
  1_000,
];

let published: JWK[];
let server: HttpServer;
let clock: MovableClock;
let logged: string[];
let authenticator: JwtAuthenticator;
beforeEach(async () => {
  published = [jwkOf(first.publicKey, 'first')];
  server = await HttpServer.listening((_request, response) => sendJson(response, { keys: published }));
  clock = new MovableClock();
  logged = [];
  const note = (event: string): number => logged.push(event);
  const log: Log = { info: note, warn: note, error: note };
  authenticator = new JwtAuthenticator(new RemoteJwtKeys(server.url, clock, log), clock);
});
afterEach(() => server.close());

const callerOf = async (issuer: Issuer, kid: string): Promise<unknown> =>
  outcome(authenticator.user(await sign(issuer, { sub: '@alice:example' }, { kid })));

test('keys are fetched once, when the first tokens come', async () => {
  expect(server.requests).toBe(0);
  const callers = await Promise.all(Array.from({ length: 10 }, () => callerOf(first, 'first')));
  expect(callers).toEqual(Array.from({ length: 10 }, () => alice));
  expect(await callerOf(first, 'first')).toEqual(alice);
  expect(server.requests).toBe(1);
});

test('the issuer changes its key: the new one is fetched at its first token, unless that comes at once, and the old one forgotten', async () => {
  expect(await callerOf(first, 'first')).toEqual(alice);
  published = [jwkOf(second.publicKey, 'second')];
  clock.move(9_999);
  expect(await callerOf(second, 'second')).toEqual(notKnown); // ten seconds after the last time at the earliest
  clock.move(1);
  expect(await callerOf(first, 'first')).toEqual(alice); // nothing says that it is gone yet
  expect(await callerOf(second, 'second')).toEqual(alice);
  expect(await callerOf(first, 'first')).toEqual(notKnown);
});

test('tokens with made-up keys do not make the issuer be asked again and again', async () => {
  expect(await callerOf(second, 'made up')).toEqual(notKnown);
  const callers = await Promise.all(Array.from({ length: 10 }, (_, index) => callerOf(second, `made up ${index}`)));
  expect(callers).toEqual(Array.from({ length: 10 }, () => notKnown));
  expect(server.requests).toBe(1);
});

test('a key that was taken back is forgotten after ten minutes, and nobody waits for that', async () => {
  expect(await callerOf(first, 'first')).toEqual(alice);
  published = [jwkOf(second.publicKey, 'second')];
  clock.move(10 * MINUTE_MS);
  expect(await callerOf(first, 'first')).toEqual(alice); // while they are fetched
  await expectSoon(() => callerOf(first, 'first'), notKnown);
  expect(logged).toEqual([]);
});

test('an issuer that cannot be reached keeps nobody out for an hour, then everybody', async () => {
  expect(await callerOf(first, 'first')).toEqual(alice);
  await server.close();
  clock.move(59 * MINUTE_MS);
  expect(await callerOf(first, 'first')).toEqual(alice);
  clock.move(1 * MINUTE_MS);
  expect(await callerOf(first, 'first')).toEqual(unavailable);
  expect(logged).toEqual(['auth.jwks.unavailable']);
});

test('without an issuer it cannot be known who calls; and it is asked again only after a moment', async () => {
  const { port } = server;
  await server.close();
  expect(await callerOf(first, 'first')).toEqual(unavailable);
  server = await HttpServer.listening(server.answer, port);
  expect(await callerOf(first, 'first')).toEqual(unavailable);
  expect(server.requests).toBe(0);
  clock.move(1_000);
  expect(await callerOf(first, 'first')).toEqual(alice);
  expect(logged).toEqual(['auth.jwks.unavailable', 'auth.jwks.available']);
});

test('whether an unknown key is a new one cannot be known while the issuer is not reached', async () => {
  expect(await callerOf(first, 'first')).toEqual(alice);
  await server.close();
  clock.move(10_000);
  expect(await callerOf(second, 'second')).toEqual(unavailable);
  expect(await callerOf(first, 'first')).toEqual(alice);
});

test.each<[what: string, answer: HttpServer['answer']]>([
  ['fails', (_request, response) => sendJson(response, { keys: published }, 500)],
  [
    'sends elsewhere',
    ({ url }, response) =>
      url === '/elsewhere'
        ? sendJson(response, { keys: published })
        : response.writeHead(302, { location: '/elsewhere' }).end(),
  ],
  ['answers no JSON', (_request, response) => response.end('<html>')],
  ['answers no JWKS', (_request, response) => sendJson(response, { keys: 'none' })],
  ['answers too much', (_request, response) => sendJson(response, { keys: published, more: 'x'.repeat(1_048_576) })],
  ['hangs up', (request) => request.socket.destroy()],
  [
    'publishes a damaged key',
    (_request, response) => sendJson(response, { keys: [{ ...jwkOf(first.publicKey, 'first'), x: 'AA' }] }),
  ],
])('an issuer that %s is one that cannot be reached', async (_what, answer) => {
  server.answer = answer;
  expect(await callerOf(first, 'first')).toEqual(unavailable);
  expect(logged).toEqual(['auth.jwks.unavailable']);
});

test('secrets and private keys that are published are not used', async () => {
  const secret = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), kid: 'secret' };
  published = [secret, jwkOf(first.publicKey, 'first')];
  const issuer = { alg: 'HS256', privateKey: Buffer.alloc(32, 1) } as unknown as Issuer;
  expect(await callerOf(issuer, 'secret')).toMatchObject([
    401,
    'M_UNKNOWN_TOKEN',
    expect.stringContaining('alg must be'),
  ]);
  published = [jwkOf(second.privateKey, 'second')];
  clock.move(10_000);
  expect(await callerOf(second, 'second')).toEqual(unavailable);
});

/** Waits for an answer that comes after something that nobody waits for. */
async function expectSoon(ask: () => Promise<unknown>, expected: unknown): Promise<void> {
  while (JSON.stringify(await ask()) !== JSON.stringify(expected))
    await new Promise((resolve) => setTimeout(resolve, 1));
}
