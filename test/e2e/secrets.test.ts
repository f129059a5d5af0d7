import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { issuerOf, jwkOf, sign } from '../../libs/runtime/test/auth/tokens.ts';
import { sendRaw } from '../support/hostile/raw-connection.ts';
import { HttpServer, sendJson } from '../support/http-server.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { SourceProcess } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);

/** Is in all that must not be told; where it cannot be, as in a signature, the secret itself is looked for. */
const HUSH = 'hush';
const TOKEN_KEY = 'c0ffee'.repeat(10) + 'c0ff';

const directory = temporaryDirectory();
let other: HttpServer;
beforeEach(async () => {
  other = await HttpServer.listening((_request, response) => sendJson(response, {}, 500));
});
afterEach(() => other.close());

/** Makes requests with a token in every place where one may be, or may get to by mistake. */
async function useToken({ url }: ServerProcess, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const query = `access_token=${encodeURIComponent(token)}`;
  const body = JSON.stringify({ events: [{ type: token, user_id: token }], password: token });
  const status = '/_matrix/client/v3/presence/@alice:example/status';
  for (const path of ['/v1/events', `/v1/presence/query?${query}`, `/no/such/${encodeURIComponent(token)}?${query}`]) {
    await (await fetch(url + path, { method: 'POST', headers, body })).text();
  }
  await (await fetch(url + status, { method: 'PUT', headers, body: `{"presence":"${token}` })).text();
  await (
    await fetch(`${url}/_matrix/client/v3/sync?timeout=0&since=${encodeURIComponent(token)}&${query}`, { headers })
  ).text();
  await (await fetch(`${url}${status}?${query}`)).text();
  await sendRaw(url, `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\u0001\r\n\r\n`, { ms: 300 });
  await sendRaw(url, `GET /${token} HTTP/9\r\nAuthorization: ${token}\r\n\r\n`, { ms: 300 });
  await Promise.all([
    openAndClose(new WebSocket(`${url.replace('http', 'ws')}/v1/ws?${query}`, [`bearer.${encodeURIComponent(token)}`])),
    openAndClose(new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, { headers }), '{"type":'),
    openAndClose(new WebSocket(`${url.replace('http', 'ws')}/v1/ws`), JSON.stringify({ type: 'auth', token })),
  ]);
}

async function openAndClose(socket: WebSocket, frame?: string): Promise<void> {
  socket.on('error', () => undefined);
  socket.on('open', () => frame !== undefined && socket.send(frame));
  await sleep(300);
  socket.terminate();
}

/** The lines in which one of the secrets is. */
const leaks = (told: string, ...secrets: readonly string[]): string[] =>
  told.split('\n').filter((line) => secrets.some((secret) => line.includes(secret)));

/** All that the process has told to whoever reads its output or its metrics. */
async function toldBy({ process, url }: ServerProcess): Promise<string> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const health = await (await fetch(`${url}/readyz`)).text();
  await process.kill('SIGTERM');
  return [...process.lines, process.errors, metrics, health].join('\n');
}

test('in matrix mode neither access tokens nor those of upstream services are logged', async () => {
  const server = await startStandalone(directory.path(), {
    env: {
      PRESENTLY_AUTH: 'matrix',
      PRESENTLY_HOMESERVER_URL: other.url,
      PRESENTLY_UPSTREAM_TOKENS: `${HUSH}-upstream,${HUSH}-other`,
      PRESENTLY_TOKEN_KEY: TOKEN_KEY,
      PRESENTLY_LOG_LEVEL: 'debug',
    },
  });
  await server.ready();
  await useToken(server, `${HUSH}-while-the-homeserver-fails`);
  other.answer = (request, response) => {
    const isKnown = request.headers.authorization === `Bearer ${HUSH}-known`;
    sendJson(response, isKnown ? { user_id: '@alice:example' } : { errcode: 'M_UNKNOWN_TOKEN' }, isKnown ? 200 : 401);
  };
  for (const token of ['known', 'unknown', 'upstream', 'é', '"\\ü\\n']) await useToken(server, `${HUSH}-${token}`);
  await other.close();
  await useToken(server, `${HUSH}-while-the-homeserver-is-away`);
  const told = await toldBy(server);
  expect(told).toContain('"event":"auth.homeserver.unavailable"');
  expect(told).toContain('presently_events_taken_total');
  expect(leaks(told, HUSH, TOKEN_KEY.slice(0, 12))).toEqual([]);
});

test('in jwt mode neither tokens nor what is in the query of the key URL are logged', async () => {
  const issuer = issuerOf.p256();
  const server = await startStandalone(directory.path(), {
    env: {
      PRESENTLY_AUTH: 'jwt',
      PRESENTLY_JWKS_URL: `${other.url}/keys?api_key=${HUSH}-of-the-issuer#${HUSH}`,
      PRESENTLY_JWT_ISSUER: 'https://issuer.example',
      PRESENTLY_TOKEN_KEY: TOKEN_KEY,
      PRESENTLY_LOG_LEVEL: 'debug',
    },
  });
  await server.ready();
  const claims = { iss: 'https://issuer.example', sub: '@alice:example' };
  const good = await sign(issuer, { ...claims, scope: 'presence:write' });
  await useToken(server, good);
  other.answer = (_request, response) => sendJson(response, { keys: [jwkOf(issuer.publicKey)] });
  await sleep(1_100); // after a fetch that failed, none is tried for a second
  const tokens = [
    good,
    await sign(issuer, { ...claims, exp: 1 }),
    await sign(issuer, { ...claims, iss: HUSH }),
    await sign(issuerOf.p256(), claims),
    `${HUSH}.${HUSH}.${HUSH}`,
  ];
  for (const token of tokens) await useToken(server, token);
  const told = await toldBy(server);
  expect(told).toContain(`"url":"${other.url}/keys","error":"it answers 500"`);
  expect(told).toContain('"event":"auth.jwks.available"');
  expect(leaks(told, HUSH, ...tokens.flatMap((token) => token.split('.')))).toEqual([]);
});

test('faults of the configuration are told without the values of secrets', async () => {
  const key = `{"kty":"oct","k":"${HUSH}"}`;
  const faults = await Promise.all([
    ended('standalone', {
      PRESENTLY_AUTH: 'jwt',
      PRESENTLY_JWKS_URL: `https://user:${HUSH}@issuer.example/keys`,
      PRESENTLY_JWT_KEY_FILE: key,
      PRESENTLY_HOMESERVER_URL: `https://user:${HUSH}@example.org`,
      PRESENTLY_TOKEN_KEY: `${HUSH}-key`,
      PRESENTLY_UPSTREAM_TOKENS: `${HUSH}-upstream`,
      PRESENTLY_UPSTREAM_TOKEN: `${HUSH}-upstream`,
    }),
    ended('projector', {
      KAFKA_BROKERS: `user:${HUSH}@localhost:9092`,
      KAFKA_TLS_CA_FILE: `-----BEGIN PRIVATE KEY-----\n${HUSH}`,
      KAFKA_SASL_MECHANISM: HUSH,
      KAFKA_SASL_PASSWORD: HUSH,
    }),
  ]);
  for (const { code, told } of faults) {
    expect([code, told]).toEqual([78, expect.stringMatching(/^The configuration cannot be used/)]);
    expect(leaks(told, HUSH)).toEqual([]);
  }
  expect(faults.map(({ told }) => told.match(/^ {2}- /gm)?.length)).toEqual([6, 5]);
});

test.each(['load', 'verify'])('the help of %s tells no setting that is a secret', async (command) => {
  const env = { PRESENTLY_UPSTREAM_TOKENS: HUSH, PRESENTLY_TOKEN_KEY: TOKEN_KEY, KAFKA_SASL_PASSWORD: HUSH };
  const process = new SourceProcess('apps/cli/src/main.ts', [command, '--help'], { env });
  expect(await process.exited).toBe(0);
  expect(process.lines.length).toBeGreaterThan(3);
  expect(leaks(process.lines.join('\n'), HUSH, TOKEN_KEY.slice(0, 12))).toEqual([]);
});

async function ended(command: string, env: Record<string, string>): Promise<{ code: number | string; told: string }> {
  const process = new SourceProcess('apps/cli/src/main.ts', [command, '--port', '0'], { env });
  const code = await process.exited;
  return { code, told: [...process.lines, process.errors].join('\n') };
}
