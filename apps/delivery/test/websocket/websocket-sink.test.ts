import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Frame } from '#delivery/frame';
import { BUFFERED_BYTES_MAX, WebSocketSink } from '#delivery/websocket/websocket-sink';

const FRAME: Frame = { type: 'forget', user_id: `@${'x'.repeat(10_000)}:x` };

test('a client that does not read fills no more than so much, and there is room again once it reads', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket, { socket: stream }] = (await once(server, 'connection')) as [WebSocket, IncomingMessage];
  await once(client, 'open');
  client.pause();
  let drained = 0;
  const room = new Promise<void>((resolve) => {
    const owner = { drained: () => (drained++, resolve()), restarts: () => undefined };
    const sink = new WebSocketSink(socket, stream, owner, 1_000);
    const fill = async (): Promise<void> => {
      while (sink.send([FRAME], null)) await new Promise((turn) => setImmediate(turn)); // the kernel takes what it can
    };
    void fill().then(() => {
      expect(sink.send([FRAME], 'token')).toBe(false);
      expect(socket.bufferedAmount).toBeLessThan(BUFFERED_BYTES_MAX + 3 * 10_100);
      expect(drained).toBe(0);
      client.resume();
    });
  });
  const last = once(client, 'message');
  await room;
  expect(socket.bufferedAmount).toBeLessThanOrEqual(BUFFERED_BYTES_MAX / 2);
  expect(drained).toBe(1);
  await last;
  client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

test('a frame with a token carries it, and what comes after the end goes nowhere', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const messages: unknown[] = [];
  client.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())));
  const [socket, { socket: stream }] = (await once(server, 'connection')) as [WebSocket, IncomingMessage];
  const sink = new WebSocketSink(
    socket,
    stream,
    { drained: () => undefined, restarts: () => socket.close(1012) },
    1_500,
  );
  expect(sink.send([{ type: 'forget', user_id: '@a:x' }], 'TOKEN')).toBe(true);
  sink.end();
  sink.send([{ type: 'forget', user_id: '@b:x' }], null);
  sink.end();
  await once(client, 'close');
  expect(messages).toEqual([
    { type: 'forget', user_id: '@a:x', token: 'TOKEN' },
    { type: 'bye', retry_ms: 1_500 },
  ]);
  await new Promise((resolve) => server.close(resolve));
});
