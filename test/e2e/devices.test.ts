import { jest } from '@jest/globals';
import type { ReplayLine } from '../support/cli.ts';
import { parseLines, presentlyIn } from '../support/cli.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { SyncStream } from '../support/sync-stream.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { WsClient } from '../support/ws-client.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();
const VISIBLE = { setPresence: 'none' } as const;
const USERS = ['@watcher:x', '@ws:x', '@sse:x', '@sync:x'];

async function start(env: Record<string, string>): Promise<ServerProcess> {
  const server = await startStandalone(directory.path(), { env });
  await server.ready();
  return server;
}

const joinAll = (server: ServerProcess): Promise<void> =>
  server.accept(...USERS.map((user_id) => ({ type: 'room.joined', user_id, room_id: '!r:x' })));

const connectAll = (url: string): (WsClient | StreamClient | SyncStream)[] => [
  new WsClient(url, '@ws:x/D', VISIBLE),
  new StreamClient(url, '@sse:x/D', VISIBLE),
  new SyncStream(url, '@sync:x/D', VISIBLE),
];

/** What was announced of a user, by the log of a server that has ended. */
async function announced(): Promise<(user: string) => string[]> {
  const replayed = await presentlyIn({ PRESENTLY_DATA: directory.path() }, 'replay', '--log');
  const lines = parseLines<ReplayLine>(replayed);
  return (user) => lines.filter(({ user_id }) => user_id === user).map(({ presence }) => presence);
}

test('who is connected when a server is restarted, and comes back within the grace, was never away', async () => {
  const server = await start({});
  await joinAll(server);
  const watcher = new StreamClient(server.url, '@watcher:x/D');
  await watcher.event(({ type }) => type === 'snapshot'); // or others might be in it
  const clients = connectAll(server.url);
  for (const user of USERS.slice(1)) await watcher.presence(user, 'online');
  expect(await server.process.kill('SIGTERM')).toBe(0);
  await Promise.all([watcher, ...clients].map((client) => client.close()));

  const next = await start({});
  const again = connectAll(next.url);
  for (const client of again) await client.event(({ data }) => data.type === 'snapshot');
  await Promise.all(again.map((client) => client.close()));
  expect(await next.process.kill('SIGTERM')).toBe(0);
  const of = await announced();
  for (const user of USERS.slice(1)) expect(of(user)).toEqual(['online']);
  expect(of('@watcher:x')).toEqual([]); // it hides: nobody has ever seen it
});

test('who was connected to a server that was killed is offline, once its lease and the grace are over', async () => {
  const quick = { PRESENTLY_SOURCE_TTL_MS: '2500', PRESENTLY_OFFLINE_AFTER_MS: '1500' };
  const server = await start(quick);
  await joinAll(server);
  const watcher = new StreamClient(server.url, '@watcher:x/D');
  await watcher.event(({ type }) => type === 'snapshot'); // or others might be in it
  const clients = connectAll(server.url);
  for (const user of USERS.slice(1)) await watcher.presence(user, 'online');
  await new Promise((resolve) => setTimeout(resolve, 5_000)); // longer than lease and grace: it is renewed
  for (const user of USERS.slice(1)) {
    expect(watcher.events.findLast(({ data }) => data.sender === user)?.data.content?.presence).toBe('online');
  }
  const { token } = watcher;
  await server.process.kill('SIGKILL');
  await Promise.all([watcher, ...clients].map((client) => client.close()));

  const next = await start({});
  const after = new StreamClient(next.url, '@watcher:x/D', { since: token });
  for (const user of USERS.slice(1)) await after.presence(user, 'offline'); // missed, or yet to come
  await after.close();
  expect(await next.process.kill('SIGTERM')).toBe(0);
});

test('a device is connected as long as one of its connections is', async () => {
  const server = await start({ PRESENTLY_OFFLINE_AFTER_MS: '300' });
  await joinAll(server);
  const watcher = new WsClient(server.url, '@watcher:x/D');
  await watcher.event(({ type }) => type === 'snapshot'); // or others might be in it
  const [first, second] = [
    new WsClient(server.url, '@ws:x/D', VISIBLE),
    new StreamClient(server.url, '@ws:x/D', VISIBLE),
  ];
  await watcher.presence('@ws:x', 'online');
  await second.event(({ type }) => type === 'snapshot');
  await first.close();
  await watcher.settled();
  expect(watcher.events.findLast(({ data }) => data.sender === '@ws:x')?.data.content?.presence).toBe('online');
  await second.close();
  await watcher.event(({ data }) => data.content?.presence === 'offline' && data.content.last_active_ago !== undefined);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^presently_delivery_device_connections 0$/m);
  expect(metrics).toMatch(/^presently_delivery_devices_waiting 0$/m);
  await watcher.close();
});
