import { rm } from 'node:fs/promises';
import { jest } from '@jest/globals';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { SdkClient, stopSdkClients } from './sdk-client.ts';

jest.setTimeout(120_000);
const directory = temporaryDirectory();
/** However slow the machine is, nobody becomes inactive meanwhile. */
const ACTIVE_FOR_LONG = { PRESENTLY_ACTIVE_FOR_MS: '240000' };
const USERS = ['@alice:x', '@bob:x', '@carol:x', '@dave:x'];

// The SDK waits 2 to 7 s by chance before it asks whether the server is there again, and then 5 to 10 s: here half a second.
beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(-0.9));
afterEach(() => {
  stopSdkClients();
  jest.restoreAllMocks();
});

const joined = USERS.map((user_id) => ({ type: 'room.joined', user_id, room_id: '!r:x' }));
const connected = (user_id: string): object => ({ type: 'device.connected', user_id });
const message = (user_id: string, status_msg: string): object => ({ type: 'status.set', user_id, status_msg });

async function start(port = '0'): Promise<ServerProcess> {
  const server = await startStandalone(directory.path(), { args: ['--port', port], env: ACTIVE_FOR_LONG });
  await server.ready();
  return server;
}

/** Alice and Bob with the SDK, while Carol and Dave are there by events. Alice has been told of all. */
async function startClients({ url }: ServerProcess): Promise<[SdkClient, SdkClient]> {
  const alice = new SdkClient(url, '@alice:x');
  const bob = new SdkClient(url, '@bob:x');
  await Promise.all([alice.start(), bob.start()]);
  await alice.until(() => USERS.every((userId) => alice.lastTold(userId)?.startsWith('online')));
  return [alice, bob];
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'clients go on by themselves after a %s, and miss nothing',
  async (signal) => {
    const first = await start();
    await first.accept(...joined, connected('@carol:x'), connected('@dave:x'));
    const [alice, bob] = await startClients(first);
    const known = USERS.map((userId) => alice.told(userId).length);
    await first.accept(message('@carol:x', 'at the last moment')); // perhaps told before the end, perhaps not
    await first.process.kill(signal);
    const second = await start(new URL(first.url).port);
    await second.accept(message('@carol:x', 'while you were away'));
    await alice.until(() => alice.lastTold('@carol:x') === 'online active "while you were away"');
    await second.accept(message('@dave:x', 'again'));
    await alice.until(() => alice.lastTold('@dave:x') === 'online active "again"');
    await bob.until(() => bob.lastTold('@dave:x') === 'online active "again"');
    expect(alice.states).toContain('RECONNECTING');
    expect(alice.sdk.getSyncState()).toBe('SYNCING');
    // Who has not changed is not told of again, and Bob's client was never away.
    const news = USERS.map((userId, index) => alice.told(userId).slice(known[index]));
    expect(news[0]).toEqual([]);
    expect(news[1]).toEqual([]);
    expect(news[3]).toEqual(['online active "again"']);
  },
);

test('a client whose token is of a log that is no more is told of everybody', async () => {
  const first = await start();
  await first.accept(...joined, connected('@carol:x'), connected('@dave:x'));
  const [alice] = await startClients(first);
  await first.process.kill('SIGKILL');
  await rm(directory.path(), { recursive: true });
  const second = await start(new URL(first.url).port);
  await second.accept(...joined, connected('@carol:x'), message('@carol:x', 'anew'));
  await alice.until(() => alice.lastTold('@carol:x') === 'online active "anew"');
  await alice.until(() => alice.lastTold('@dave:x') === 'offline');
  await alice.until(() => alice.lastTold('@bob:x') === 'online active');
  expect(alice.sdk.getSyncState()).toBe('SYNCING');
});
