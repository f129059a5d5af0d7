import { jest } from '@jest/globals';
import { startStandalone } from '../support/standalone.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { killProcesses } from '../support/source-process.ts';
import { SyncClient } from '../support/sync-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();
afterEach(killProcesses);

const joined = (user_id: string, room_id = '!r:x'): object => ({ type: 'room.joined', user_id, room_id });
const connected = (user_id: string): object => ({ type: 'device.connected', user_id });

async function start(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startStandalone(directory.path(), { env });
  await server.ready();
  return server;
}

test('a first sync tells who is there, a long poll waits for what is new, and says it once', async () => {
  const server = await start();
  await server.accept(joined('@a:x'), joined('@b:x'), joined('@c:x'), connected('@b:x'));
  for (const user of ['@a:x', '@c:x']) {
    await new SyncClient(server.url, user).until(({ view }) => view.get('@b:x') === 'online', {
      set_presence: 'offline',
    });
  }
  const a = new SyncClient(server.url, '@a:x/D');
  await a.sync({ set_presence: 'offline' });
  expect([...a.view]).toEqual([['@b:x', 'online']]); // and not those who are offline

  const waiting = a.sync({ timeout: 30_000, set_presence: 'offline' });
  await server.accept(connected('@c:x'));
  const { presence } = await waiting;
  expect(presence.events).toMatchObject([{ type: 'm.presence', sender: '@c:x', content: { presence: 'online' } }]);
  expect((await a.sync({ set_presence: 'offline' })).presence.events).toEqual([]);
});

test('whoever is seen no more is offline, and is told of when full state is asked for', async () => {
  const server = await start();
  await server.accept(joined('@a:x'), joined('@b:x'), connected('@b:x'));
  const a = new SyncClient(server.url, '@a:x/D');
  await a.until(({ view }) => view.get('@b:x') === 'online');
  await server.accept({ type: 'room.left', user_id: '@b:x', room_id: '!r:x' });
  await a.until(({ view }) => view.get('@b:x') === 'offline');
  await server.accept({ type: 'status.set', user_id: '@b:x', presence: 'online', status_msg: 'secret' });
  const { presence } = await a.sync({ timeout: 300 });
  expect(presence.events).toEqual([]);

  await server.accept(joined('@c:x'));
  await a.until(({ view }) => view.has('@c:x'), { full_state: 'true' });
  expect(a.view.get('@c:x')).toBe('offline');
});

test('a poll that finds nothing ends when its time is up, and one that is over early leaves nothing behind', async () => {
  const server = await start();
  await server.accept(joined('@a:x'));
  const a = new SyncClient(server.url, '@a:x/D');
  await a.sync({ set_presence: 'offline' });
  const startedAt = Date.now();
  expect((await a.sync({ timeout: 400, set_presence: 'offline' })).presence.events).toEqual([]);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(390);
  await a.leave({ timeout: 30_000, set_presence: 'offline' }, 100);
  expect(await server.process.kill('SIGTERM')).toBe(0);
});

test('a token that cannot be used is answered with everybody', async () => {
  const server = await start();
  await server.accept(joined('@a:x'), joined('@b:x'));
  const b = new SyncClient(server.url, '@b:x/D');
  await b.sync();
  for (const since of ['forged', b.token ?? '', 'A'.repeat(200)]) {
    const a = new SyncClient(server.url, '@a:x/D');
    a.token = since;
    await a.until(({ view }) => view.has('@b:x'), { set_presence: 'offline' });
    expect(a.token).not.toBe(since);
  }
});

test('a query that makes no sense is refused with a sentence', async () => {
  const server = await start();
  const a = new SyncClient(server.url, '@a:x/D');
  expect(await a.refused({ timeout: 'soon' })).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
  expect(await a.refused({ set_presence: 'busy' })).toMatchObject({ status: 400 });
  expect(await new SyncClient(server.url, '').refused({})).toMatchObject({
    status: 401,
    body: { errcode: 'M_MISSING_TOKEN' },
  });
});
