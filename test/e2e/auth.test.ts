import { createHmac } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { issuerOf, jwkOf, pem, sign } from '../../libs/runtime/test/auth/tokens.ts';
import { Dialled } from '../support/dialled.ts';
import { HttpServer, sendJson } from '../support/http-server.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { SourceProcess } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { SyncClient } from '../support/sync-client.ts';
import { WsClient } from '../support/ws-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
const inDirectory = (name: string): string => join(directory.path(), name);
const data = (): string => inDirectory('data');
const hourHence = (): number => Math.floor(Date.now() / 1_000) + 3_600;

let issuer: HttpServer;
beforeEach(async () => {
  issuer = await HttpServer.listening((_request, response) => sendJson(response, {}, 404));
});
afterEach(() => issuer.close());

interface Ended {
  readonly code: number | string;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** Runs `presently` with these arguments until it ends. */
async function presently(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const process = new SourceProcess('apps/cli/src/main.ts', args, { env });
  const code = await process.exited;
  return { code, lines: process.lines, errors: process.errors };
}

/** Starts a server that knows callers so. */
async function start(env: Record<string, string>): Promise<ServerProcess> {
  const server = await startStandalone(data(), { env });
  await server.ready();
  return server;
}

/** The status and what comes with it. */
async function call(
  { url }: ServerProcess,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<[number, unknown]> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return [response.status, await response.json()];
}

const ALICE_STATUS = '/_matrix/client/v3/presence/@alice:example/status';
const status = { presence: 'online', status_msg: 'hello' };
const setStatus = (server: ServerProcess, token: string): Promise<[number, unknown]> =>
  call(server, 'PUT', ALICE_STATUS, token, status);
const publish = (server: ServerProcess, token: string): Promise<[number, unknown]> =>
  call(server, 'POST', '/v1/events', token, { events: [{ type: 'device.active', user_id: '@bob:example' }] });
const refused = (errcode: string, error: string | RegExp): object => ({
  errcode,
  error: expect.stringMatching(error),
});

describe('jwt, with tokens of the command line', () => {
  const mint = async (...args: string[]): Promise<string> => {
    const { code, lines, errors } = await presently(['token', ...args, '--key', inDirectory('key.pem')]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(lines).toHaveLength(1);
    return lines[0] ?? '';
  };

  test('users, their streams, and an upstream service are known, each by its own', async () => {
    const made = await presently(['token', '--new-key', inDirectory('key.pem')]);
    expect(made).toMatchObject({ code: 0, lines: [], errors: expect.stringContaining('is a new private key') });
    expect(statSync(inDirectory('key.pem')).mode & 0o777).toBe(0o600);
    const [alice, upstream, server] = await Promise.all([
      mint('@alice:example', '--device', 'PHONE'),
      mint('chat-server', '--scope', 'presence:write', '--ttl', '5m'),
      start({ PRESENTLY_AUTH: 'jwt', PRESENTLY_JWT_KEY_FILE: inDirectory('key.pem') }),
    ]);
    expect(await publish(server, upstream)).toEqual([200, { accepted: 1 }]);
    const stream = new StreamClient(server.url, alice);
    await stream.event(({ type }) => type === 'snapshot');
    expect(await setStatus(server, alice)).toEqual([200, {}]);
    await stream.presence('@alice:example', 'online');
    expect(await call(server, 'GET', ALICE_STATUS, alice)).toMatchObject([200, status]);
    await stream.close();

    expect(await publish(server, alice)).toEqual([403, refused('M_FORBIDDEN', /scope has presence:write/)]);
    expect(await setStatus(server, upstream)).toEqual([403, refused('M_FORBIDDEN', /upstream service’s token/)]);
    // What dev mode believes is nothing here.
    for (const token of ['@alice:example/PHONE', 'dev-upstream']) {
      expect(await setStatus(server, token)).toEqual([401, refused('M_UNKNOWN_TOKEN', /not a JWT/)]);
      expect(await publish(server, token)).toEqual([401, refused('M_UNKNOWN_TOKEN', /not a JWT/)]);
    }
    expect(await server.process.kill('SIGTERM')).toBe(0);
    expect(server.process.errors).not.toContain(alice);
  });

  test('what is missing is told in one line', async () => {
    expect(await presently(['token', '@alice:example'])).toEqual({
      code: 1,
      lines: [],
      errors: 'Name a private key with --key FILE, or make one with --new-key FILE.\n',
    });
  });
});

describe('jwt, with an issuer that publishes its keys', () => {
  test('a stream, a WebSocket and a poll end when their token expires', async () => {
    const keys = issuerOf.rsa();
    issuer.answer = (_request, response) => sendJson(response, { keys: [jwkOf(keys.publicKey, 'first')] });
    const server = await start({ PRESENTLY_AUTH: 'jwt', PRESENTLY_JWKS_URL: `${issuer.url}/keys` });
    const exp = Math.floor(Date.now() / 1_000) - 6; // it is taken for ten seconds more
    const token = await sign(keys, { sub: '@alice:example', exp }, { kid: 'first' });
    const clients = [StreamClient, WsClient].map((Client) => new Client(server.url, token));
    for (const client of clients) await client.event(({ type }) => type === 'snapshot');
    const poll = new SyncClient(server.url, token);
    await poll.sync();
    await Promise.all([...clients.map(({ ended }) => ended), poll.sync({ timeout: 60_000 })]);
    expect(clients[1]?.events.at(-1)).toMatchObject({ type: 'error', data: { errcode: 'M_UNKNOWN_TOKEN' } });
    expect(await poll.refused({})).toMatchObject({ status: 401, body: { soft_logout: true } });
  }, 30_000);

  test('its tokens are known once it is there, forged ones are not, and when it is gone again nobody is kept out', async () => {
    const first = issuerOf.rsa();
    const claims = { iss: 'https://id.example', aud: 'presently', exp: hourHence(), sub: '@alice:example' };
    const ofFirst = await sign(first, claims, { kid: 'first' });
    issuer.answer = (_request, response) => sendJson(response, {}, 500);
    const server = await start({
      PRESENTLY_AUTH: 'jwt',
      PRESENTLY_JWKS_URL: `${issuer.url}/keys`,
      PRESENTLY_JWT_ISSUER: claims.iss,
      PRESENTLY_JWT_AUDIENCE: claims.aud,
    });
    const away = await fetch(server.url + ALICE_STATUS, { headers: { authorization: `Bearer ${ofFirst}` } });
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await away.json()).toMatchObject(refused('M_UNAVAILABLE', /^The keys with which tokens are checked/));

    issuer.answer = (_request, response) => sendJson(response, { keys: [jwkOf(first.publicKey, 'first')] });
    let answer = await setStatus(server, ofFirst);
    while (answer[0] === 503) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer = await setStatus(server, ofFirst);
    }
    expect(answer).toEqual([200, {}]);

    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ alg: 'HS256', kid: 'first' })}.${part(claims)}`;
    const forged: [token: string, error: RegExp][] = [
      [`${part({ alg: 'none' })}.${part(claims)}.`, /alg must be/],
      [`${input}.${createHmac('sha256', pem(first)).update(input).digest('base64url')}`, /alg must be/],
      [await sign(issuerOf.rsa(), claims, { kid: 'first' }), /signature is wrong/],
      [await sign(first, { ...claims, exp: 1 }, { kid: 'first' }), /has expired/],
      [await sign(first, { ...claims, iss: 'https://evil.example' }, { kid: 'first' }), /another issuer/],
      [await sign(first, { ...claims, aud: 'other' }, { kid: 'first' }), /not for this service/],
      [await sign(first, { iss: claims.iss, aud: claims.aud }, { kid: 'first' }), /names no user/],
    ];
    for (const [token, error] of forged) {
      expect(await setStatus(server, token)).toEqual([401, expect.objectContaining(refused('M_UNKNOWN_TOKEN', error))]);
    }

    await issuer.close();
    expect(await setStatus(server, ofFirst)).toEqual([200, {}]);
    expect(await server.process.kill('SIGTERM')).toBe(0);
    expect(server.process.errors).toContain('auth.jwks.unavailable');
    expect(server.process.errors).toContain('auth.jwks.available');
  });
});

describe('matrix', () => {
  test('a homeserver is asked whose a token is, and upstream services have tokens of their own', async () => {
    issuer.answer = ({ url, headers }, response) => {
      if (url !== '/_matrix/client/v3/account/whoami') return sendJson(response, {}, 404);
      if (headers.authorization !== 'Bearer syt_alice') return sendJson(response, { errcode: 'M_UNKNOWN_TOKEN' }, 401);
      sendJson(response, { user_id: '@alice:example', device_id: 'PHONE' });
    };
    const server = await start({
      PRESENTLY_AUTH: 'matrix',
      PRESENTLY_HOMESERVER_URL: issuer.url,
      PRESENTLY_UPSTREAM_TOKENS: 'upstream-secret',
    });
    expect(await setStatus(server, 'syt_alice')).toEqual([200, {}]);
    const stream = new StreamClient(server.url, 'syt_alice');
    await stream.event(({ type }) => type === 'snapshot');
    await stream.close();
    expect(issuer.requests).toBe(1);
    expect(await publish(server, 'upstream-secret')).toEqual([200, { accepted: 1 }]);
    expect(await publish(server, 'dev-upstream')).toEqual([403, refused('M_FORBIDDEN', /PRESENTLY_UPSTREAM_TOKENS/)]);
    expect(await publish(server, 'syt_alice')).toEqual([403, refused('M_FORBIDDEN', /upstream service’s token/)]);
    expect(await setStatus(server, 'upstream-secret')).toEqual([403, refused('M_FORBIDDEN', /needs a user’s/)]);
    expect(issuer.requests).toBe(1);
    expect(await setStatus(server, 'syt_bob')).toEqual([401, refused('M_UNKNOWN_TOKEN', /does not know this token/)]);
    await issuer.close();
    expect(await setStatus(server, 'syt_alice')).toEqual([200, {}]);
    expect(await setStatus(server, 'syt_carol')).toMatchObject([
      503,
      { errcode: 'M_UNAVAILABLE', retry_after_ms: 2_000 },
    ]);
    expect(await server.process.kill('SIGTERM')).toBe(0);
    for (const token of ['syt_', 'upstream-secret']) expect(server.process.errors).not.toContain(token);
  });
});

describe('matrix, when a token is revoked', () => {
  test('streams and WebSockets that are open with it end, others go on, and a homeserver that is away ends none', async () => {
    const asked: string[] = [];
    const users = new Map([
      ['Bearer syt_alice', '@alice:example'],
      ['Bearer syt_bob', '@bob:example'],
    ]);
    const whoami: HttpServer['answer'] = ({ headers }, response) => {
      asked.push(headers.authorization ?? '');
      const user = users.get(headers.authorization ?? '');
      if (user === undefined) sendJson(response, { errcode: 'M_UNKNOWN_TOKEN' }, 401);
      else sendJson(response, { user_id: user, device_id: 'PHONE' });
    };
    issuer.answer = whoami;
    const server = await start({
      PRESENTLY_AUTH: 'matrix',
      PRESENTLY_HOMESERVER_URL: issuer.url,
      PRESENTLY_WHOAMI_EVERY_MS: '200',
      PRESENTLY_UPSTREAM_TOKENS: 'upstream-secret',
    });
    const joins = ['@alice:example', '@bob:example'].map((user_id) => ({
      type: 'room.joined',
      user_id,
      room_id: '!r:x',
    }));
    expect(await call(server, 'POST', '/v1/events', 'upstream-secret', { events: joins })).toMatchObject([200, {}]);
    const [stream, socket] = [StreamClient, WsClient].map((Client) => new Client(server.url, 'syt_alice'));
    const other = new StreamClient(server.url, 'syt_bob');
    for (const client of [stream, socket, other]) await client?.event(({ type }) => type === 'snapshot');
    const dialled = new Dialled(`${server.url}/v1/ws`);
    (await dialled.opened()).say({ type: 'auth', token: 'syt_alice' });
    await dialled.ofType('snapshot');

    // Away, for some rounds of questions about both tokens.
    const away: string[] = [];
    const roundsOver = new Promise<void>((resolve) => {
      issuer.answer = ({ headers }, response) => {
        away.push(headers.authorization ?? '');
        sendJson(response, {}, 502);
        if ([...users.keys()].every((token) => away.filter((one) => one === token).length >= 3)) resolve();
      };
    });
    await roundsOver;
    issuer.answer = whoami;
    expect(await setStatus(server, 'syt_alice')).toEqual([200, {}]);
    for (const client of [stream, socket, other]) await client?.presence('@alice:example', 'online');

    users.delete('Bearer syt_alice');
    await Promise.all([stream?.ended, socket?.ended]);
    expect(await dialled.closed).toBe(4401);
    for (const data of [socket?.events.at(-1)?.data, dialled.messages.at(-1)]) {
      expect(data).toMatchObject({ type: 'error', errcode: 'M_UNKNOWN_TOKEN' });
    }
    const answers = asked.filter((token) => token === 'Bearer syt_alice').length;
    expect(await setStatus(server, 'syt_alice')).toEqual([401, refused('M_UNKNOWN_TOKEN', /does not know this token/)]);
    expect(asked.filter((token) => token === 'Bearer syt_alice').length).toBe(answers); // it was known from before

    const ask = { type: 'status.set', user_id: '@alice:example', status_msg: 'gone' };
    expect(await call(server, 'POST', '/v1/events', 'upstream-secret', { events: [ask] })).toMatchObject([200, {}]);
    await other.event(({ data }) => data.sender === '@alice:example' && data.content?.status_msg === 'gone');
    await other.close();
    expect(await server.process.kill('SIGTERM')).toBe(0);
    expect(server.process.errors).not.toContain('syt_');
  }, 30_000);
});

test('who is not known is told so first, and not what else is wrong; and half of a surrogate pair is refused as such', async () => {
  const server = await start({});
  for (const path of ['/v1/stream?set_presence=away', '/_matrix/client/v3/sync?timeout=soon']) {
    const response = await fetch(server.url + path);
    expect([path, response.status, await response.json()]).toEqual([
      path,
      401,
      refused('M_MISSING_TOKEN', /^Send an access token/),
    ]);
  }
  const cut = await fetch(server.url + ALICE_STATUS, {
    method: 'PUT',
    headers: { authorization: 'Bearer @alice:example/PHONE', 'content-type': 'application/json' },
    body: '{"presence":"online","status_msg":"cut: \\ud83d"}',
  });
  expect([cut.status, await cut.json()]).toEqual([
    400,
    refused('M_BAD_JSON', /^Send .*: status_msg is not well-formed/),
  ]);
  expect(await setStatus(server, '@alice:example/PHONE')).toEqual([200, {}]);
});

test('jwt and matrix listen on any address, and answer to any name', async () => {
  const [address] = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map((one) => one.address),
  );
  const server = await startStandalone(data(), {
    env: { PRESENTLY_AUTH: 'matrix', PRESENTLY_HOMESERVER_URL: issuer.url, PRESENTLY_HOST: '0.0.0.0' },
  });
  const { port } = new URL(server.url);
  const response = await fetch(`http://${address ?? '127.0.0.1'}:${port}/healthz`, {
    headers: { origin: 'https://app.example' },
  });
  expect(response.status).toBe(200);
});

test('a user who writes too often is told to wait, and nobody else', async () => {
  const server = await start({ PRESENTLY_USER_WRITES_PER_S: '0.2' });
  expect(await setStatus(server, '@alice:example/PHONE')).toEqual([200, {}]);
  const [code, body] = await setStatus(server, '@alice:example/LAPTOP');
  expect([code, body]).toEqual([
    429,
    { ...refused('M_LIMIT_EXCEEDED', /^You write too often/), retry_after_ms: expect.any(Number) },
  ]);
  const bob = '/_matrix/client/v3/presence/@bob:example/status';
  expect(await call(server, 'PUT', bob, '@bob:example/PHONE', status)).toEqual([200, {}]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('presently_limited_total{limit="user_writes"} 1\n');
});

test.each<[what: string, env: () => Record<string, string>, fault: RegExp]>([
  ['no keys', () => ({ PRESENTLY_AUTH: 'jwt' }), /- PRESENTLY_AUTH=jwt needs keys: .*\n$/],
  [
    'a key file that is none',
    () => {
      writeFileSync(inDirectory('key.pem'), 'what');
      return { PRESENTLY_AUTH: 'jwt', PRESENTLY_JWT_KEY_FILE: inDirectory('key.pem') };
    },
    /- PRESENTLY_JWT_KEY_FILE: \S+ is no PEM, and no JSON either\n$/,
  ],
  ['no homeserver', () => ({ PRESENTLY_AUTH: 'matrix' }), /- PRESENTLY_AUTH=matrix asks a homeserver: .*\n$/],
])('a server with %s does not start, and says why', async (_what, env, fault) => {
  const server = new SourceProcess('apps/standalone/src/main.ts', ['--data', data(), '--port', '0'], { env: env() });
  expect(await server.exited).toBe(78);
  expect(server.errors).toMatch(/^The configuration cannot be used:\n/);
  expect(server.errors).toMatch(fault);
});
