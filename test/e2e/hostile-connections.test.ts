import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { jest } from '@jest/globals';
import { ATTACKER, HostileServer } from '../support/hostile/hostile-server.ts';
import { OrdinaryClient } from '../support/hostile/ordinary-client.ts';
import type { RawAnswer, RawOptions } from '../support/hostile/raw-connection.ts';
import { rawRequest, sendRaw } from '../support/hostile/raw-connection.ts';
import { faultOf } from '../support/hostile/send.ts';
import { killProcesses } from '../support/source-process.ts';

jest.setTimeout(60_000);

const NOTHING = 'nothing at all';
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** The server looks once a second, and a connection lingers for one. */
const LATE_MS = 5_000;
/** A client that polls is there for 10 s after its last poll. */
const NOTICED_MS = 13_000;

let hostile: HostileServer;
let ordinary: OrdinaryClient;
/** These take their time, so they begin with the others, and are looked at last. */
let slow: Record<string, Promise<RawAnswer>>;
beforeAll(async () => {
  hostile = await HostileServer.start('dev');
  ordinary = new OrdinaryClient(hostile);
  const wait = { ms: REQUEST_MS + 2 * LATE_MS };
  slow = {
    [NOTHING]: sendRaw(hostile.url, '', wait),
    'headers, byte by byte': drip('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ', wait),
    'no end of its headers': sendRaw(hostile.url, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n', wait),
    'a body, byte by byte': drip(rawRequest('POST', '/v1/events', { ...upstream(), ...JSON_OF(1_000) }), wait),
    'a chunked body that does not end': drip(
      rawRequest('POST', '/v1/events', { ...upstream(), ...CHUNKED }),
      wait,
      '1\r\nx\r\n',
    ),
    'a body that is refused, and does not end': sendRaw(
      hostile.url,
      rawRequest('POST', '/v1/events', JSON_OF(9e6)),
      wait,
    ),
  };
});
afterAll(async () => {
  await hostile?.stop();
  await killProcesses();
});

const JSON_OF = (length: number) => ({ 'Content-Type': 'application/json', 'Content-Length': String(length) });
const CHUNKED = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
const CLOSE = { Connection: 'close' };
const upstream = () => ({ Authorization: `Bearer ${hostile.tokens.upstream}` });
const attacker = () => ({ Authorization: `Bearer ${hostile.tokens.attacker}` });

/** Sends the text, and then this again and again, for as long as the server takes it. */
async function drip(text: string, options: RawOptions, again = 'x'): Promise<RawAnswer> {
  return sendRaw(hostile.url, text, { ...options, drip: { text: again, everyMs: 200 } });
}

/** How many streams the server believes to be open, and how many devices it believes to be connected. */
async function open(): Promise<number[]> {
  const text = await (await fetch(`${hostile.url}/metrics`)).text();
  return ['connections', 'device_connections'].map((name) =>
    Number(new RegExp(`^presently_delivery_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN),
  );
}

/** Resolves when there are so many of both; with what there is when that takes too long. */
async function untilOpen(count: number): Promise<number[]> {
  const end = performance.now() + NOTICED_MS;
  let counts = await open();
  while (counts.some((is) => is !== count) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    counts = await open();
  }
  return counts;
}

const EVENTS = '{"events":[]}';
const badBytes: [what: string, bytes: () => string | Buffer, status: number][] = [
  ['an unknown method', () => rawRequest('BREW', '/healthz'), 400],
  ['TLS', () => Buffer.from('16030100a5010000a10303' + '00'.repeat(160), 'hex'), 400],
  ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['noise', () => Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 7_919) % 251)), 400],
  ['line feeds alone', () => 'GET /healthz HTTP/1.1\nHost: localhost\n\n', 400],
  ['a space before a colon', () => 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n', 400],
  ['a folded header', () => 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n', 400],
  ['NUL in a header', () => rawRequest('GET', '/healthz', { A: '\0' }), 400],
  [
    'a path of bytes that are no ASCII',
    () => Buffer.from('GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n', 'latin1'),
    400,
  ],
  ['a path of 100 KB', () => rawRequest('GET', `/${'a'.repeat(100_000)}`), 431],
  ['a header of 1 MB', () => rawRequest('GET', '/healthz', { A: 'a'.repeat(1_000_000) }), 431],
  [
    '3,000 headers',
    () => `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${CLOSE_LINE}${'a:\r\n'.repeat(3_000)}\r\n`,
    431,
  ],
  ['no Host', () => `GET /healthz HTTP/1.1\r\n${CLOSE_LINE}\r\n`, 400],
  ['two Hosts', () => `GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n${CLOSE_LINE}\r\n`, 400],
  ['CONNECT', () => rawRequest('CONNECT', 'evil.example:443'), 405],
  ['a WebSocket elsewhere', () => rawRequest('GET', '/healthz', { ...attacker(), ...WEBSOCKET }), 404],
  ['a WebSocket by POST', () => rawRequest('POST', '/v1/ws', { ...attacker(), ...WEBSOCKET }), 400],
  ['a negative length', () => rawRequest('POST', '/v1/events', { ...upstream(), ...JSON_OF(-1) }, EVENTS), 400],
  ['a length without end', () => rawRequest('POST', '/v1/events', { ...upstream(), ...JSON_OF(1e15) }, EVENTS), 413],
  [
    'a body in gzip',
    () =>
      rawRequest('POST', '/v1/events', { ...upstream(), ...CLOSE, ...JSON_OF(13), 'Content-Encoding': 'gzip' }, EVENTS),
    415,
  ],
  [
    'chunks in gzip',
    () => rawRequest('POST', '/v1/events', { ...upstream(), ...CLOSE, ...GZIP_CHUNKED }, `d\r\n${EVENTS}\r\n0\r\n\r\n`),
    400,
  ],
  ['a chunk that is none', () => rawRequest('POST', '/v1/events', { ...upstream(), ...CHUNKED }, 'zz\r\n{}'), 400],
  ['a chunk without end', () => rawRequest('POST', '/v1/events', { ...upstream(), ...CHUNKED }, 'f'.repeat(20)), 400],
];
const GZIP_CHUNKED = { ...CHUNKED, 'Transfer-Encoding': 'gzip, chunked' };
const CLOSE_LINE = 'Connection: close\r\n';
const WEBSOCKET = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'x',
};

test.each(badBytes)('%s is told, and the connection closed', async (_what, bytes, status) => {
  const { responses, isClosed } = await sendRaw(hostile.url, bytes());
  expect(responses.map((response) => response.status)).toEqual([status]);
  expect(responses.map(fault)).toEqual([null]);
  expect(isClosed).toBe(true);
});

const fault = ({ status, headers, body }: RawAnswer['responses'][number]): string | null =>
  faultOf({ status, text: body, headers: Object.fromEntries(headers) });

const HIDDEN = rawRequest('GET', '/healthz', CLOSE);
const smuggled: [what: string, headers: Record<string, string>, body: string][] = [
  ['a length and chunks', { ...JSON_OF(4), 'Transfer-Encoding': 'chunked' }, `0\r\n\r\n${HIDDEN}`],
  ['a length and identity', { ...JSON_OF(4), 'Transfer-Encoding': 'identity' }, HIDDEN],
  ['two lengths', { ...JSON_OF(0), 'content-length': String(HIDDEN.length) }, HIDDEN],
  ['two lengths in one', { 'Content-Type': 'application/json', 'Content-Length': '0, 10' }, HIDDEN],
  ['a length with a sign', { 'Content-Type': 'application/json', 'Content-Length': '+0' }, HIDDEN],
  ['chunks that are none', { 'Content-Type': 'application/json', 'Transfer-Encoding': 'xchunked' }, HIDDEN],
  ['chunks inside of others', { ...CHUNKED, 'transfer-encoding': 'chunked' }, `0\r\n\r\n${HIDDEN}`],
  ['a tab before chunked', { 'Content-Type': 'application/json', 'Transfer-Encoding': '\x0bchunked' }, HIDDEN],
  ['a length twice over', { ...CHUNKED, 'Content-Length ': '0' }, HIDDEN],
];
test.each(smuggled)(
  'a request that hides another, by %s, is refused, and the other not answered',
  async (_what, headers, body) => {
    const { responses, isClosed } = await sendRaw(
      hostile.url,
      rawRequest('POST', '/v1/events', { ...upstream(), ...headers }, body),
    );
    expect(responses.map(({ status }) => status)).toEqual([400]);
    expect(responses.map(fault)).toEqual([null]);
    expect(isClosed).toBe(true);
  },
);

test('a client that closes its end in the middle of a body is told so', async () => {
  const request = rawRequest('POST', '/v1/events', { ...upstream(), ...JSON_OF(100) }, '{');
  const { responses } = await sendRaw(hostile.url, request, { isHalfClosed: true });
  expect(responses.map((response) => [response.status, fault(response)])).toEqual([[400, null]]);
});

test.each([
  ['a header', rawRequest('GET', '/healthz', { A: 'a'.repeat(20_000_000) }), 431],
  ['a body', rawRequest('POST', '/v1/events', JSON_OF(20_000_000), 'a'.repeat(20_000_000)), 401],
])('a client that first sends all of %s without end, and only then reads, is told', async (_what, bytes, status) => {
  const { responses } = await sendRaw(hostile.url, bytes, { isLateReader: true, responses: 1 });
  expect(responses.map((response) => [response.status, fault(response)])).toEqual([[status, null]]);
});

test('HTTP/1.0 is answered, without a Host, and the connection closed', async () => {
  const { responses, isClosed } = await sendRaw(hostile.url, 'GET /healthz HTTP/1.0\r\n\r\n');
  expect([responses[0]?.status, responses[0]?.body, isClosed]).toEqual([200, '{"status":"ok"}', true]);
});

test('a client that asks whether to go on is told to, and one that expects more is not', async () => {
  const ask = (expect: string) =>
    rawRequest('POST', '/v1/events', { ...upstream(), ...CLOSE, ...JSON_OF(13), Expect: expect }, EVENTS);
  const { text, responses } = await sendRaw(hostile.url, ask('100-continue'));
  expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  expect(responses.map(({ body }) => body)).toEqual(['{"accepted":0}']);
  const refused = await sendRaw(hostile.url, ask('a miracle'));
  expect(refused.responses.map((response) => [response.status, fault(response)])).toEqual([[417, null]]);
});

test('an offer of another protocol is ignored', async () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'h2c, foo' };
  const { responses } = await sendRaw(hostile.url, rawRequest('GET', '/healthz', headers), { responses: 1 });
  expect(responses.map(({ status }) => status)).toEqual([200]);
});

test('1,000 requests in a row on one connection are answered, in their order', async () => {
  const paths = Array.from({ length: 1_000 }, (_, n) =>
    n % 3 === 0 ? '/healthz' : n % 3 === 1 ? '/nowhere' : '/v1/ws',
  );
  const requests = paths.map((path) => rawRequest('GET', path)).join('');
  const { responses } = await sendRaw(hostile.url, requests, { responses: paths.length, ms: 20_000 });
  const status: Record<string, number> = { '/healthz': 200, '/nowhere': 404, '/v1/ws': 426 };
  expect(responses.map((response) => response.status)).toEqual(paths.map((path) => status[path]));
});

test('streams in a row on one connection end with it', async () => {
  const streams = Array.from({ length: 50 }, (_, n) => {
    return rawRequest('GET', '/v1/stream', { Authorization: `Bearer ${ATTACKER}${n}/D` });
  });
  const sent = sendRaw(hostile.url, streams.join(''), { ms: 2_000 });
  expect(await untilOpen(50)).toEqual([50, 50]);
  await sent;
  expect(await untilOpen(0)).toEqual([0, 0]);
});

test('polls in a row on one connection, however many, end with it', async () => {
  const polls = Array.from({ length: 3_000 }, (_, n) =>
    rawRequest('GET', '/_matrix/client/v3/sync?timeout=60000&since=x', { Authorization: `Bearer ${ATTACKER}${n}/D` }),
  );
  const first = rawRequest('GET', '/v1/stream', attacker());
  const { text } = await sendRaw(hostile.url, first + polls.join(''), { ms: 3_000 });
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(await untilOpen(0)).toEqual([0, 0]);
});

test('1,000 connections at once are served', async () => {
  const { port, hostname } = new URL(hostile.url);
  const sockets = Array.from({ length: 1_000 }, () => connect(Number(port), hostname).setEncoding('utf8'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const answered = sockets.map((socket: Socket) => once(socket, 'data'));
  for (const socket of sockets) socket.write(rawRequest('GET', '/healthz'));
  const answers = (await Promise.all(answered)).map(([text]) => String(text));
  expect(answers.filter((text) => !text.startsWith('HTTP/1.1 200 OK\r\n'))).toEqual([]);
  for (const socket of sockets) socket.destroy();
});

test('who does not finish what it sends is told so, and its connection closed; who sends nothing is told nothing', async () => {
  for (const [what, sent] of Object.entries(slow)) {
    const { responses, isClosed, afterMs } = await sent;
    const ms = /body/.test(what) ? REQUEST_MS : HEADERS_MS;
    const told = what === NOTHING ? [] : [[408, null]];
    expect([what, responses.map((response) => [response.status, fault(response)])]).toEqual([what, told]);
    expect([what, isClosed, afterMs > ms - 1_000, afterMs < ms + LATE_MS]).toEqual([what, true, true, true]);
  }
});

test('nothing has failed, nothing has changed for others, and they were not kept waiting', async () => {
  const { refused, slowestMs } = await ordinary.stop();
  expect(refused).toEqual([]);
  expect(slowestMs).toBeLessThan(4_000);
  expect(await hostile.faults()).toEqual([]);
});
