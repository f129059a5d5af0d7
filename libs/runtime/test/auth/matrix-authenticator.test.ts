import { MatrixAuthenticator } from '#runtime/auth/matrix-authenticator';
import { RefusedToken } from '#runtime/auth/refused-token';
import { UpstreamTokens } from '#runtime/auth/upstream-tokens';
import { Whoami } from '#runtime/auth/whoami';
import type { MatrixError } from '#runtime/http/matrix-error';
import { forbidden } from '#runtime/http/matrix-error';
import type { Log } from '#runtime/log';
import { HttpServer, sendJson } from '../../../../test/support/http-server.ts';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { outcome } from './tokens.ts';

const alice = { user_id: '@alice:example', device_id: 'PHONE' };
const good = { userId: '@alice:example', deviceId: 'PHONE' };
const notKnown = [401, 'M_UNKNOWN_TOKEN', 'The homeserver does not know this token.'];
const unavailable = [
  503,
  'M_UNAVAILABLE',
  'The homeserver, which knows the tokens, does not answer. Try again.',
  2_000,
];

let homeserver: HttpServer;
let clock: MovableClock;
let logged: string[];
let authenticator: MatrixAuthenticator;
/** Tokens of the requests that the homeserver got. */
let asked: (string | undefined)[];
beforeEach(async () => {
  asked = [];
  homeserver = await HttpServer.listening((_request, response) => sendJson(response, alice));
  clock = new MovableClock();
  logged = [];
  const note = (event: string, fields = {}): number => logged.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info: note, warn: note, error: note };
  const whoami = new Whoami(homeserver.url, clock, log);
  authenticator = new MatrixAuthenticator(whoami, new UpstreamTokens(['upstream-1', 'upstream-2']), clock, 60_000, 0);
});
afterEach(() => homeserver.close());

const user = (token: string | null): Promise<unknown> => outcome(authenticator.user(token));

/** The homeserver answers when the test says so. */
function holdAnswers(): {
  release: (body?: unknown, status?: number) => void;
  arrived: (count: number) => Promise<void>;
} {
  const held: ((body: unknown, status: number) => void)[] = [];
  homeserver.answer = (_request, response) => held.push((body, status) => sendJson(response, body, status));
  return {
    release: (body = alice, status = 200) => held.splice(0).forEach((send) => send(body, status)),
    arrived: async (count) => {
      while (held.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

test('asks the homeserver whose the token is', async () => {
  homeserver.answer = (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    sendJson(response, alice);
  };
  expect(await user('syt_1')).toEqual(good);
  expect(asked).toEqual(['GET /_matrix/client/v3/account/whoami Bearer syt_1']);
});

test('a token of an application service has no device', async () => {
  homeserver.answer = (_request, response) => sendJson(response, { user_id: '@bot:example', is_guest: false });
  expect(await user('as')).toEqual({ userId: '@bot:example', deviceId: null });
});

test('a good token is asked for again after a minute', async () => {
  for (const ms of [0, 30_000, 29_999]) {
    clock.move(ms);
    expect(await user('syt_1')).toEqual(good);
  }
  expect(homeserver.requests).toBe(1);
  homeserver.answer = (_request, response) => sendJson(response, { errcode: 'M_UNKNOWN_TOKEN' }, 401);
  clock.move(1);
  expect(await user('syt_1')).toEqual(notKnown);
  expect(homeserver.requests).toBe(2);
});

test('a bad token is asked for again after five seconds, and counts as a guess', async () => {
  homeserver.answer = (_request, response) => sendJson(response, { errcode: 'M_UNKNOWN_TOKEN' }, 401);
  expect(await user('syt_1')).toEqual(notKnown);
  clock.move(4_999);
  expect(await user('syt_1')).toEqual(notKnown);
  expect(homeserver.requests).toBe(1);
  expect(await authenticator.user('syt_1').catch((error: unknown) => error)).toBeInstanceOf(RefusedToken);
  homeserver.answer = (_request, response) => sendJson(response, alice);
  clock.move(1);
  expect(await user('syt_1')).toEqual(good);
});

test('of a token that was good the homeserver says that a new one may be got', async () => {
  homeserver.answer = (_request, response) =>
    sendJson(response, { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true }, 401);
  expect(await user('syt_1')).toEqual([
    401,
    'M_UNKNOWN_TOKEN',
    'The homeserver no longer takes this token.',
    { soft_logout: true },
  ]);
});

test('an account that is locked is as one whose token has expired', async () => {
  homeserver.answer = (_request, response) => sendJson(response, { errcode: 'M_USER_LOCKED', soft_logout: true }, 401);
  expect(await user('syt_1')).toMatchObject([401, 'M_UNKNOWN_TOKEN', expect.any(String), { soft_logout: true }]);
});

test('what is open ends when the homeserver does not know the token any more, whoever asks, and for no other answer', async () => {
  const told: MatrixError[] = [];
  const caller = await authenticator.user('syt_1');
  authenticator.whenRefused('syt_1', caller, (error) => told.push(error));
  const cancel = authenticator.whenRefused('syt_1', caller, () => told.push(forbidden('It was cancelled.')));
  cancel();
  for (const [status, errcode] of [
    [500, 'M_UNKNOWN'],
    [403, 'M_FORBIDDEN'],
    [429, 'M_LIMIT_EXCEEDED'],
    [401, 'M_MISSING_TOKEN'],
  ] as const) {
    clock.move(60_000);
    homeserver.answer = (_request, response) => sendJson(response, { errcode }, status);
    await user('syt_1');
    expect([status, told]).toEqual([status, []]);
  }
  clock.move(60_000);
  homeserver.answer = (_request, response) => sendJson(response, { errcode: 'M_UNKNOWN_TOKEN' }, 401);
  await user('syt_2');
  expect(told).toEqual([]);
  await user('syt_1');
  expect(told.map(({ errcode, message }) => [errcode, message])).toEqual([notKnown.slice(1)]);
});

test('what the homeserver forbids is forbidden', async () => {
  homeserver.answer = (_request, response) => sendJson(response, { errcode: 'M_USER_SUSPENDED' }, 403);
  expect(await user('syt_1')).toEqual([
    403,
    'M_FORBIDDEN',
    'The homeserver forbids the owner of this token to use it.',
  ]);
});

test('however many ask for one token at once, the homeserver is asked once', async () => {
  const answers = holdAnswers();
  const callers = Array.from({ length: 50 }, () => user('syt_1'));
  await answers.arrived(1);
  answers.release();
  expect(await Promise.all(callers)).toEqual(Array.from({ length: 50 }, () => good));
  expect(homeserver.requests).toBe(1);
});

test('one failure is told to all who asked, and is not kept', async () => {
  const answers = holdAnswers();
  const callers = [user('syt_1'), user('syt_1')];
  await answers.arrived(1);
  answers.release({}, 500);
  expect(await Promise.all(callers)).toEqual([unavailable, unavailable]);
  homeserver.answer = (_request, response) => sendJson(response, alice);
  expect(await user('syt_1')).toEqual(good);
});

test('a homeserver that does not answer within five seconds is not waited for', async () => {
  const answers = holdAnswers();
  const caller = user('syt_1');
  await answers.arrived(1);
  clock.move(4_999);
  expect(await Promise.race([caller, Promise.resolve('waiting')])).toBe('waiting');
  clock.move(1);
  expect(await caller).toEqual(unavailable);
});

test('at most 64 requests are under way at once, and what waits for its turn is not waited for either', async () => {
  const answers = holdAnswers();
  const callers = Array.from({ length: 70 }, (_, index) => user(`syt_${index}`));
  await answers.arrived(64);
  expect(homeserver.requests).toBe(64);
  answers.release();
  await answers.arrived(6);
  expect(homeserver.requests).toBe(70);
  clock.move(5_000);
  const told = await Promise.all(callers);
  expect(told.filter((caller) => caller instanceof Array)).toEqual(Array.from({ length: 6 }, () => unavailable));
  expect(told.slice(0, 64)).toEqual(Array.from({ length: 64 }, () => good));
});

test('a thousand may wait for their turn; one more is told to come again', async () => {
  const answers = holdAnswers();
  const callers = Array.from({ length: 1_064 }, (_, index) => user(`syt_${index}`));
  expect(await user('syt_more')).toEqual(unavailable);
  await answers.arrived(64);
  homeserver.answer = (_request, response) => sendJson(response, alice);
  answers.release();
  expect(new Set((await Promise.all(callers)).map((caller) => JSON.stringify(caller)))).toEqual(
    new Set([JSON.stringify(good)]),
  );
});

test.each<[what: string, answer: HttpServer['answer']]>([
  ['fails', (_request, response) => sendJson(response, {}, 502)],
  ['knows no whoami', (_request, response) => sendJson(response, { errcode: 'M_UNRECOGNIZED' }, 404)],
  [
    'sends elsewhere',
    ({ url }, response) =>
      url === '/elsewhere' ? sendJson(response, alice) : response.writeHead(302, { location: '/elsewhere' }).end(),
  ],
  ['answers no JSON', (_request, response) => response.end('<html>')],
  ['names no user', (_request, response) => sendJson(response, { user_id: 'alice' })],
  ['answers too much', (_request, response) => sendJson(response, { ...alice, more: 'x'.repeat(1_048_576) })],
  ['says 401, as a proxy may', (_request, response) => sendJson(response, { error: 'Who are you?' }, 401)],
  ['is not told the token', (_request, response) => sendJson(response, { errcode: 'M_MISSING_TOKEN' }, 401)],
  ['hangs up', (request) => request.socket.destroy()],
])('a homeserver that %s is one that does not answer', async (_what, answer) => {
  homeserver.answer = answer;
  expect(await user('syt_1')).toEqual(unavailable);
});

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '86400' }, 60_000],
  [{}, 2_000],
])('a homeserver that is asked too often says when to come again: %j', async (headers, waitMs) => {
  homeserver.answer = (_request, response) => sendJson(response, { errcode: 'M_LIMIT_EXCEEDED' }, 429, headers);
  expect(await user('syt_1')).toMatchObject([503, 'M_UNAVAILABLE', expect.any(String), waitMs]);
});

test('its outage is logged once, and its end; never a token', async () => {
  homeserver.answer = (_request, response) => sendJson(response, {}, 500);
  await user('syt_secret_1');
  await user('syt_secret_2');
  homeserver.answer = (_request, response) => sendJson(response, alice);
  await user('syt_secret_3');
  const url = `"url":"${homeserver.url}/_matrix/client/v3/account/whoami"`;
  expect(logged).toEqual([
    `auth.homeserver.unavailable {${url},"error":"it answers 500"}`,
    `auth.homeserver.available {${url}}`,
  ]);
});

test('the homeserver is told neither the tokens of upstream services, nor what can be no token', async () => {
  expect(await user('upstream-2')).toEqual([
    403,
    'M_FORBIDDEN',
    'This is an upstream service’s token. This needs a user’s.',
  ]);
  for (const token of ['', 'two words', 'line\r\nbreak', 'ä', 'x'.repeat(4_097)]) {
    expect(await user(token)).toEqual([401, 'M_UNKNOWN_TOKEN', 'No homeserver gives out such a token.']);
  }
  expect(await user(null)).toEqual(expect.arrayContaining([401, 'M_MISSING_TOKEN']));
  expect(homeserver.requests).toBe(0);
});

test('upstream services have tokens that are configured, and a user’s is none', async () => {
  const upstream = (token: string | null): Promise<unknown> => outcome(authenticator.upstream(token));
  const forbidden = [403, 'M_FORBIDDEN', 'This needs an upstream service’s token, one of PRESENTLY_UPSTREAM_TOKENS.'];
  expect(await upstream('upstream-1')).toBe('upstream');
  expect(await upstream('upstream-2')).toBe('upstream');
  expect(await upstream('upstream-3')).toEqual(forbidden);
  expect(await upstream('syt_1')).toEqual(forbidden);
  expect(await upstream(null)).toEqual(expect.arrayContaining([401, 'M_MISSING_TOKEN']));
  expect(homeserver.requests).toBe(0);
});
