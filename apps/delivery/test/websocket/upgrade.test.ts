import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { IdleConnections } from '#runtime/http/idle-connections';
import type { StageOptions } from './stage.ts';
import { Stage } from './stage.ts';

let stage: Stage;
const open = async (options: StageOptions = {}): Promise<Stage> => (stage = await new Stage(options).open());
afterEach(() => stage.close());

const AUTHORIZED = { authorization: 'Bearer @u:x/D' };

test.each([
  ['another path', '/v1/else', AUTHORIZED, 404, 'M_UNRECOGNIZED'],
  ['a query that cannot be used', '/v1/ws?set_presence=away', AUTHORIZED, 400, 'M_BAD_JSON'],
  ['a parameter that comes twice', '/v1/ws?since=a&since=b', AUTHORIZED, 400, 'M_BAD_JSON'],
  ['a token that is none', '/v1/ws', { authorization: 'Bearer nobody' }, 401, 'M_UNKNOWN_TOKEN'],
  ['a header that is none', '/v1/ws', { authorization: 'Basic abc' }, 401, 'M_MISSING_TOKEN'],
  ['a foreign page', '/v1/ws', { ...AUTHORIZED, origin: 'https://evil.example' }, 403, 'M_FORBIDDEN'],
  ['a foreign page without a token', '/v1/ws', { origin: 'https://evil.example' }, 403, 'M_FORBIDDEN'],
  ['a foreign name for this machine', '/v1/ws', { ...AUTHORIZED, host: 'evil.example' }, 403, 'M_FORBIDDEN'],
])('%s is refused as HTTP', async (_, path, headers, status, errcode) => {
  await open();
  const { status: answered, headers: answer, body } = await stage.dial(path, { ...headers }).refused;
  expect([answered, body.errcode]).toEqual([status, errcode]);
  expect(body.error).toMatch(/\.$/);
  expect(answer['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.connection).toBe('close');
  expect(await stage.written()).toEqual([]);
});

test('a page of this machine may connect', async () => {
  await open();
  const client = await stage.dial('/v1/ws', { ...AUTHORIZED, origin: 'http://localhost:3000' }).opened();
  expect(await client.ofType('snapshot')).toMatchObject({ events: [], more: false });
});

test('before the node is ready, and once it stops, it is refused with Retry-After', async () => {
  await open({ isReady: false });
  const early = await stage.dial('/v1/ws').refused;
  expect([early.status, early.headers['retry-after']]).toEqual([503, expect.stringMatching(/^[1-4]$/)]);
  expect(early.body.retry_after_ms).toBeGreaterThanOrEqual(1_000);
  await stage.close();
  await open();
  stage.endpoint.stop();
  const late = await stage.dial('/v1/ws', AUTHORIZED).refused;
  expect([late.status, late.body.error]).toEqual([503, 'The server is stopping. Connect again.']);
});

test('an address has so many connections, those without a token among them', async () => {
  await open({ connectionsPerAddressMax: 2 });
  const first = await stage.dial('/v1/ws').opened();
  await stage.connect();
  const { status, body } = await stage.dial('/v1/ws', AUTHORIZED).refused;
  expect([status, body.errcode]).toEqual([429, 'M_LIMIT_EXCEEDED']);
  first.socket.terminate();
  await first.closed;
  while (stage.devices.openCount < 2) {
    const next = stage.dial('/v1/ws', AUTHORIZED);
    await Promise.race([next.opened(), next.refused]);
  }
});

test('what is no handshake is refused', async () => {
  await open();
  const { port, hostname } = new URL(stage.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(answer).toMatch(/"errcode":"M_BAD_JSON"/);
});

test.each([
  ['GET', ''],
  ['POST', 'x'.repeat(300_000)],
])('a client that offers HTTP/2 with %s is answered all the same', async (method, sent) => {
  await open();
  const headers = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAAP__',
    'x-kept': 'ä',
  };
  const body = await new Promise<string>((resolve, reject) => {
    const request = httpRequest(`${stage.url}/v1/events?a=b`, {
      method,
      headers: { ...headers, 'content-length': sent.length },
    });
    request.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.end(Buffer.from(sent));
  });
  const answer = JSON.parse(body) as { method: string; url: string; headers: Record<string, string>; body: string };
  expect([answer.method, answer.url, answer.body]).toEqual([method, '/v1/events?a=b', sent]);
  expect(answer.headers).toMatchObject({ connection: 'keep-alive', 'x-kept': 'ä' });
  expect(answer.headers).not.toHaveProperty('upgrade');
});

test('a connection on which that is offered again and again does not grow', async () => {
  await open();
  new IdleConnections(stage.server, stage.clock);
  const accepted = once(stage.server, 'connection');
  const { port, hostname } = new URL(stage.url);
  const client = connect(Number(port), hostname);
  const [socket] = (await accepted) as [Socket];
  const listeners = new Set<number>();
  for (let number = 0; number < 5; number++) {
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    await once(client, 'data');
    listeners.add(socket.listenerCount('close'));
  }
  expect(listeners.size).toBe(1);
  client.destroy();
});
