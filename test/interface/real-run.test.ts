import { jest } from '@jest/globals';
import { clientFrame } from '#delivery/websocket/client-frame';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import type { Topic } from '#message-log/message-log';
import { readAll } from '../contract/reading.ts';
import { Dialled } from '../support/dialled.ts';
import { MovableClock } from '../support/movable-clock.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ApiClient } from '../support/api-client.ts';
import { closedSchema } from './closed-schema.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();
const LIST = '/_matrix/client/v3/presence/list';
const SETTINGS = {
  PRESENTLY_PARTITIONS: '2',
  PRESENTLY_IDLE_AFTER_MS: '400',
  PRESENTLY_ACTIVE_FOR_MS: '200',
  PRESENTLY_OFFLINE_AFTER_MS: '300',
  PRESENTLY_ROOMS_EXCLUDED: '!loud:x',
};

/** Every event that an upstream service can send, about somebody whom `@a:x` sees. */
const happenings = [
  { type: 'source.alive', source_id: 's', ttl_ms: 60_000 },
  { type: 'device.connected', user_id: '@b:x', device_id: 'D', connection_id: 'c', source_id: 's', presence: 'online' },
  { type: 'device.connected', user_id: '@b:x', ttl_ms: 60_000, ts: 1 },
  { type: 'device.active', user_id: '@b:x', device_id: 'D', ttl_ms: 1_000 },
  { type: 'device.presence', user_id: '@b:x', device_id: 'D', presence: 'unavailable' },
  { type: 'status.set', user_id: '@b:x', device_id: 'D', presence: 'unavailable', status_msg: 'in the garden' },
  { type: 'device.disconnected', user_id: '@b:x', device_id: 'D', connection_id: 'c', reason: 'logout' },
  { type: 'source.gone', source_id: 's' },
  { type: 'visibility.set', user_id: '@b:x', show_to: 'contacts', blocked: ['@e:x'] },
  { type: 'list.invited', user_id: '@b:x', observed: '@c:x', invitation: 'i' },
  { type: 'list.denied', user_id: '@c:x', owner: '@b:x', invitation: 'i' },
  { type: 'list.accepted', user_id: '@c:x', owner: '@b:x', invitation: 'i' },
  { type: 'list.dropped', user_id: '@b:x', observed: '@c:x', invitation: 'i' },
  { type: 'room.left', user_id: '@c:x', room_id: '!r:x' },
  { type: 'user.removed', user_id: '@c:x' },
];

const faultsIn = (values: readonly unknown[], schema: string): string[] => values.flatMap(closedSchema(schema));

/** All that there is in a topic of the server's log, once it has ended. */
async function recordsOf(topic: Topic): Promise<unknown[]> {
  const log = LmdbLog.open({ directory: directory.path(), clock: new MovableClock() });
  const all: unknown[] = [];
  for (let partition = 0; partition < log.partitionCount; partition++) {
    for (const { value } of await readAll(log, topic, partition))
      if (value !== null) all.push(JSON.parse(value.toString()));
  }
  await log.close();
  return all;
}

/** Which values there are of a field that tells kinds apart. */
const kindsOf = (values: readonly unknown[], field: string): Set<unknown> =>
  new Set(values.map((value) => (value as Record<string, unknown>)[field]));

async function start(): Promise<ServerProcess> {
  const server = await startStandalone(directory.path(), { env: SETTINGS });
  await server.ready();
  return server;
}

test('what streams tell and what topics hold is as the checked-in schemas say, and all of it has happened', async () => {
  const server = await start();
  const joined = (user_id: string, room_id: string): object => ({ type: 'room.joined', user_id, room_id });
  await server.accept(
    joined('@a:x', '!r:x'),
    joined('@b:x', '!r:x'),
    joined('@c:x', '!r:x'),
    joined('@a:x', '!loud:x'),
  );
  const a = new ApiClient(server.url, '@a:x');
  await server.accept({ type: 'status.set', user_id: '@b:x', status_msg: 'still here' });
  await new ApiClient(server.url, '@d:x').post(`${LIST}/@d:x`, { invite: ['@a:x'] });

  const stream = new StreamClient(server.url, '@a:x/D', { since: 'forged' });
  const socket = new Dialled(`${server.url}/v1/ws?since=forged`, { authorization: 'Bearer @a:x/D' });
  const told = (type: string): Promise<unknown> =>
    Promise.all([stream.event((event) => event.type === type), socket.ofType(type)]);
  await told('snapshot');
  await told('m.presence_invite');
  await told('room.presence');
  await a.post(`${LIST}/@a:x`, { invite: ['@d:x', '@e:x'] });
  for (const [user, answer] of Object.entries({ '@d:x': 'accept', '@e:x': 'deny' })) {
    await new ApiClient(server.url, user).post(`${LIST}/${user}`, { [answer]: ['@a:x'] });
  }
  await told('m.presence_accept');
  await told('m.presence_deny');
  await server.accept(...happenings);
  await told('m.presence');
  await told('forget');
  socket.say({ type: 'active' }, { type: 'nonsense' });
  await socket.ofType('error');
  // One device more than a user can have: only the fold can know.
  await server.accept(
    ...Array.from({ length: 101 }, (_, i) => ({
      type: 'device.connected',
      user_id: '@f:x',
      device_id: `D${i}`,
      ttl_ms: 60_000,
    })),
  );
  // Of a user who does nothing any more, the change is found when a tick is read.
  await server.accept(joined('@g:x', '!r:x'), { type: 'device.connected', user_id: '@g:x', ttl_ms: 60_000 });
  await stream.event(({ data }) => data.sender === '@g:x' && data.content?.currently_active === false);
  expect(await server.process.kill('SIGTERM')).toBe(0);
  await socket.closed;

  const data = stream.events.map((event) => event.data);
  expect(faultsIn(data, 'stream-frame')).toEqual([]);
  expect(faultsIn(socket.messages, 'websocket-frame')).toEqual([]);
  const listEvents = ['m.presence_invite', 'm.presence_accept', 'm.presence_deny'];
  const frames = ['reset', 'snapshot', 'm.presence', 'forget', 'room.presence', ...listEvents];
  expect(kindsOf(data, 'type')).toEqual(new Set(frames));
  expect(kindsOf(socket.messages, 'type')).toEqual(new Set([...frames, 'error', 'bye']));

  const [events, state, letters] = [
    await recordsOf('events'),
    await recordsOf('state'),
    await recordsOf('dead-letters'),
  ];
  expect(faultsIn(events, 'event')).toEqual([]);
  expect(kindsOf(events, 'type')).toEqual(
    new Set([...kindsOf(happenings, 'type'), 'room.joined', 'policy.set', 'tick']),
  );
  expect(faultsIn(state, 'state-record')).toEqual([]);
  const kinds = ['user', 'member', 'invite', 'answer', 'visibility', 'checkpoint', 'owner'];
  expect(kindsOf(state, 'kind')).toEqual(new Set(kinds)); // and `log`, which only a Kafka has
  expect(faultsIn(letters, 'dead-letter')).toEqual([]);
  expect(letters).toHaveLength(1);
});

test.each([
  { type: 'auth', token: 't' },
  { type: 'auth', token: 't', since: 's', set_presence: 'offline' },
  { type: 'auth' },
  { type: 'active' },
  { type: 'presence', presence: 'online' },
  { type: 'presence', presence: 'away' },
  { type: 'presence', presence: 'offline', status_msg: null },
  { type: 'presence', status_msg: 'x' },
  { type: 'nonsense' },
  [],
])('a client’s frame is taken if, and only if, its schema says so: %j', (frame) => {
  expect(closedSchema('client-frame')(frame).length === 0).toBe(clientFrame.safeParse(frame).success);
});
