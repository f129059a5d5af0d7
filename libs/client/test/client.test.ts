import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Change } from '../src/change.ts';
import type { ConnectOptions } from '../src/options.ts';
import { connect } from '../src/client.ts';
import { HttpServer, sendJson } from '../../../test/support/http-server.ts';
import { ClientClock } from './client-clock.ts';

let server: HttpServer;
let clock: ClientClock;
const asked: IncomingMessage[] = [];
beforeEach(async () => {
  asked.length = 0;
  clock = new ClientClock();
  server = await HttpServer.listening(() => undefined);
});
afterEach(() => server.close());

/** Answers the requests in turn. */
function answers(...turns: ((response: ServerResponse) => void)[]): void {
  server.answer = (request, response) => {
    asked.push(request);
    turns.shift()?.(response);
  };
}

const stream = (text: string, isEnd = true) => {
  return (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response[isEnd ? 'end' : 'write'](text);
  };
};
const event = (frame: object, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`;
const online = { type: 'm.presence', sender: '@b:x', content: { presence: 'online' } };
const snapshot = (more: boolean): object => ({ type: 'snapshot', events: [online], more });
const refused = (status: number, body: object = {}, headers: object = {}) => {
  return (response: ServerResponse): void => sendJson(response, body, status, headers);
};

const clientOf = (options: Partial<ConnectOptions> = {}) =>
  connect({ url: `${server.url}/under`, token: '@a:x/D', clock, ...options });

/** Watches through so many disconnections, with no wait between, and returns what was told. */
async function watch(disconnections: number, options: Partial<ConnectOptions> = {}): Promise<Change[]> {
  const client = clientOf(options);
  const changes: Change[] = [];
  for await (const change of client.watch()) {
    changes.push(change);
    if (change.type === 'disconnected') {
      if (changes.filter(({ type }) => type === 'disconnected').length === disconnections) break;
      void passWhenWaiting(change.retryMs);
    }
  }
  return changes;
}

/** Moves the clock as soon as somebody waits for it. */
async function passWhenWaiting(ms: number): Promise<void> {
  while (clock.pending === 0) await new Promise(setImmediate);
  clock.move(ms);
}

const waits = (changes: readonly Change[]): number[] =>
  changes.flatMap((change) => (change.type === 'disconnected' ? [change.retryMs] : []));
const types = (changes: readonly Change[]): string[] => changes.map(({ type }) => type);
const resumedFrom = (): unknown[] => asked.map(({ headers }) => headers['last-event-id']);

test('it goes on from the last token; the first wait is what the server has said', async () => {
  answers(
    stream(`retry: 3210\n\n${event(snapshot(false), 'T1')}${event(online)}`),
    stream(`retry: 1\n\n${event(online, 'T2')}`),
    stream(''),
  );
  const changes = await watch(3);
  expect(types(changes).join(' ')).toBe(
    'connected presence ready presence disconnected connected presence disconnected connected disconnected',
  );
  expect(asked.map(({ url }) => url)).toEqual(Array(3).fill('/under/v1/stream'));
  expect(resumedFrom()).toEqual([undefined, 'T1', 'T2']);
  expect(waits(changes)).toEqual([3_210, 375, 750]);
});

test('a snapshot that broke off begins anew, and a reset forgets the token', async () => {
  answers(
    stream(event(snapshot(true))),
    stream(event(snapshot(false), 'T1')),
    stream(event({ type: 'reset', reason: 'Too old.' })),
    stream(event(snapshot(false), 'T2')),
  );
  const changes = await watch(4);
  expect(types(changes).join(' ')).toBe(
    'connected presence disconnected connected reset presence ready disconnected ' +
      'connected reset disconnected connected presence ready disconnected',
  );
  expect(resumedFrom()).toEqual([undefined, undefined, 'T1', undefined]);
});

test('the waits double with jitter, up to 30 s, and are never shorter than the server says', async () => {
  const said = refused(503, { errcode: 'M_UNAVAILABLE', error: 'Later.', retry_after_ms: 7_000 });
  answers(said, refused(429, {}, { 'retry-after': '60' }), ...Array<typeof said>(7).fill(refused(502)));
  expect(waits(await watch(9))).toEqual([7_000, 60_000, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500, 22_500]);
});

test('what coming back cannot mend ends it, with the server’s words', async () => {
  answers(refused(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'The token has expired.' }));
  await expect(clientOf().watch().next()).rejects.toMatchObject({
    message: 'The token has expired.',
    status: 401,
    errcode: 'M_UNKNOWN_TOKEN',
  });
});

test('a connection that falls silent is given up', async () => {
  answers(stream(event(snapshot(false), 'T1'), false));
  const changes = clientOf().watch();
  for (const type of ['connected', 'presence', 'ready']) expect((await changes.next()).value).toMatchObject({ type });
  const next = changes.next();
  await passWhenWaiting(45_000);
  expect((await next).value).toMatchObject({
    type: 'disconnected',
    error: { message: 'The server has fallen silent.' },
  });
  await changes.return();
});

test('what being connected says is said once; to watch unseen, each time', async () => {
  answers(stream(''), stream(''), stream(''), stream(''));
  await watch(2, { setPresence: 'online' });
  await watch(2, { setPresence: 'offline' });
  expect(asked.map(({ url }) => url?.replace(/.*stream/, ''))).toEqual([
    '?set_presence=online',
    '',
    '?set_presence=offline',
    '?set_presence=offline',
  ]);
});

test('the token is asked for each time', async () => {
  answers(stream(''), stream(''));
  let count = 0;
  await watch(2, { token: () => Promise.resolve(`T${++count}`) });
  expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer T1', 'Bearer T2']);
});

test('activity is sent every 5 s at most, and never by who watches unseen', async () => {
  answers(...Array<(response: ServerResponse) => void>(3).fill(refused(200)));
  const [seen, unseen] = [clientOf(), clientOf({ setPresence: 'offline' })];
  for (let s = 0; s < 11; s++) {
    await seen.active();
    await unseen.active();
    clock.move(1_000);
  }
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(3).fill('POST /under/v1/active'));
});

test.each(['the client’s', 'the watch’s', 'close'])('an abort ends it: %s', async (whose) => {
  answers(stream(event(snapshot(false), 'T1'), false));
  const stopping = new AbortController();
  const client = clientOf(whose === 'the client’s' ? { signal: stopping.signal } : {});
  const stop = (): void => (whose === 'close' ? client.close() : stopping.abort());
  const told: string[] = [];
  for await (const { type } of client.watch(whose === 'the watch’s' ? { signal: stopping.signal } : {})) {
    told.push(type);
    if (type === 'ready') stop();
  }
  expect(told).toEqual(['connected', 'presence', 'ready']);
  expect(clock.pending).toBe(0);
});

test('an abort ends a wait, too; and nothing is watched twice at once', async () => {
  answers(refused(503));
  const client = clientOf();
  const changes = client.watch();
  await changes.next();
  await expect(client.watch().next()).rejects.toThrow('one at a time');
  const next = changes.next();
  client.close();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(clock.pending).toBe(0);
});
