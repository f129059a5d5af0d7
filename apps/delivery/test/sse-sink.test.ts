import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, get } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { SseSink } from '#delivery/sse-sink';
import { MovableClock } from '../../../test/support/movable-clock.ts';

/** More than the system keeps for a client that does not read. */
const BYTES = 32 * 1_024 * 1_024;

const clock = new MovableClock();
const server = createServer();
let client: Socket;

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterEach(() => client.destroy());
afterAll(() => server.close());

async function connected(): Promise<ServerResponse> {
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return response;
}

test('a client that reads gets all to the end, and leaves no timer', async () => {
  const response = await connected();
  const closed = once(response, 'close');
  let length = 0;
  client.on('data', (chunk: Buffer) => (length += chunk.length));
  const sink = new SseSink(response, clock, 1_000);
  sink.send([{ type: 'forget', user_id: 'x'.repeat(BYTES) }], null);
  sink.end();
  await closed;
  while (length < BYTES) await once(client, 'data');
  expect(clock.pending).toBe(0);
});

test('frames come whole, in any language, with the token at the last of those sent together', async () => {
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const answer = once(get({ port: (server.address() as AddressInfo).port }), 'response');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  const sink = new SseSink(response, clock, 1_000);
  sink.send(
    [
      { type: 'forget', user_id: '@zoë😀:x' },
      { type: 'forget', user_id: '@b:x' },
    ],
    'TOKEN',
  );
  sink.send([{ type: 'forget', user_id: '@c:x' }], null);
  sink.end();
  const [message] = (await answer) as [IncomingMessage];
  const text = (await message.setEncoding('utf8').toArray()).join('');
  expect(text.split('\n\n').slice(1)).toEqual([
    'event: forget\ndata: {"type":"forget","user_id":"@zoë😀:x"}',
    'event: forget\nid: TOKEN\ndata: {"type":"forget","user_id":"@b:x"}',
    'event: forget\ndata: {"type":"forget","user_id":"@c:x"}',
    '',
  ]);
});

test('to HTTP/1.0 it sends no chunks', async () => {
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.0\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  const sink = new SseSink(response, clock, 1_000);
  sink.send([{ type: 'forget', user_id: '@a:x' }], null);
  sink.end();
  const text = (await client.setEncoding('utf8').toArray()).join('');
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(
    'retry: 1000\n\nevent: forget\ndata: {"type":"forget","user_id":"@a:x"}\n\n',
  );
});

test('one that does not read is cut off a second after the end', async () => {
  const response = await connected();
  const closed = once(response, 'close');
  const sink = new SseSink(response, clock, 1_000);
  expect(sink.send([{ type: 'forget', user_id: 'x'.repeat(BYTES) }], null)).toBe(false);
  sink.end();
  clock.move(999);
  await new Promise((resolve) => setImmediate(resolve));
  expect(response.destroyed).toBe(false);
  clock.move(1);
  await closed;
  sink.end(); // as the controller does once the client is gone
  expect(clock.pending).toBe(0);
});
