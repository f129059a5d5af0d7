import { jest } from '@jest/globals';
import { SetPresence } from 'matrix-js-sdk';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { SdkClient, stopSdkClients } from './sdk-client.ts';

jest.setTimeout(120_000);
const directory = temporaryDirectory();
afterEach(stopSdkClients);

const QUICK = {
  PRESENTLY_IDLE_AFTER_MS: '4500',
  PRESENTLY_ACTIVE_FOR_MS: '2000',
  PRESENTLY_OFFLINE_AFTER_MS: '500',
  PRESENTLY_ACTIVITY_EVERY_MS: '100',
};
const joined = (user_id: string): object => ({ type: 'room.joined', user_id, room_id: '!r:x' });

async function start(): Promise<ServerProcess> {
  const server = await startStandalone(directory.path(), { env: QUICK });
  await server.ready();
  await server.accept(joined('@alice:x'), joined('@bob:x'));
  return server;
}

test('two clients of matrix-js-sdk see each other come, go idle, come back, set a status, and go', async () => {
  const { url } = await start();
  const alice = new SdkClient(url, '@alice:x');
  const bob = new SdkClient(url, '@bob:x');
  await alice.start();
  expect(alice.states.slice(0, 2)).toEqual(['PREPARED', 'SYNCING']);
  await bob.start();

  // Bob's polls say nothing of him: by that he goes idle.
  await alice.until(() => alice.lastTold('@bob:x') === 'unavailable');
  expect(alice.told('@bob:x')).toEqual(['online active', 'online', 'unavailable']);
  expect(alice.changes.filter((change) => change.includes('@bob:x'))).toEqual([
    'User.presence @bob:x online',
    'User.currentlyActive @bob:x true',
    'User.lastPresenceTs @bob:x true',
    'User.currentlyActive @bob:x false',
    'User.lastPresenceTs @bob:x true',
    'User.presence @bob:x unavailable',
    'User.lastPresenceTs @bob:x true',
  ]);
  expect(alice.sdk.getUser('@bob:x')?.lastActiveAgo).toBeGreaterThanOrEqual(4_500);

  // It counts from the next poll, which comes because Alice has news for it.
  await bob.sdk.setSyncPresence(SetPresence.Online);
  await alice.sdk.setPresence({ presence: 'online', status_msg: 'in the garden' });
  await bob.until(() => bob.lastTold('@alice:x') === 'online active "in the garden"');
  await alice.until(() => alice.lastTold('@bob:x') === 'online active');

  await bob.sdk.setSyncPresence(SetPresence.Unavailable);
  await bob.sdk.setPresence({ presence: 'unavailable', status_msg: 'away' });
  await alice.until(() => alice.lastTold('@bob:x') === 'unavailable "away"');
  expect(await alice.sdk.getPresence('@bob:x')).toMatchObject({ presence: 'unavailable', status_msg: 'away' });
  expect(alice.sdk.getUser('@bob:x')).toMatchObject({ presence: 'unavailable', presenceStatusMsg: 'away' });
  await expect(alice.sdk.getPresence('@stranger:x')).rejects.toMatchObject({
    httpStatus: 403,
    errcode: 'M_FORBIDDEN',
  });

  const stoppedAt = Date.now();
  bob.stop();
  await alice.until(() => alice.lastTold('@bob:x') === 'offline "away"');
  expect(Date.now() - stoppedAt).toBeGreaterThanOrEqual(10_000);
  expect(alice.told('@bob:x').slice(3)).toEqual(['online active', 'unavailable "away"', 'offline "away"']);
  expect([...alice.errors, ...bob.errors]).toEqual([]);
});

test('a client that asks for r0 gets the same', async () => {
  const { url } = await start();
  const [alice, bob] = ['@alice:x', '@bob:x'].map((userId) => {
    const client = new SdkClient(url, userId);
    Object.assign(client.sdk.http.opts, { prefix: '/_matrix/client/r0' });
    return client;
  }) as [SdkClient, SdkClient];
  await alice.start();
  await bob.start();
  await bob.sdk.setPresence({ presence: 'unavailable', status_msg: 'away' });
  await alice.until(() => alice.lastTold('@bob:x') === 'unavailable "away"');
  expect(await alice.sdk.getPresence('@bob:x')).toMatchObject({ presence: 'unavailable', status_msg: 'away' });
  expect(await alice.sdk.turnServer()).toEqual({}); // browsers ask, in which there are calls
  expect(alice.requests.filter((path) => path.includes('/v3/'))).toEqual([]);
  expect(alice.requests.filter((path) => path.includes('/r0/sync')).length).toBeGreaterThan(1);
  expect([...alice.errors, ...bob.errors]).toEqual([]);
});
