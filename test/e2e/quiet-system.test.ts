import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
const QUICK = {
  PRESENTLY_IDLE_AFTER_MS: '700',
  PRESENTLY_ACTIVE_FOR_MS: '300',
  PRESENTLY_OFFLINE_AFTER_MS: '400',
};

test('a quiet system still goes idle, and offline, on time', async () => {
  const server = await startStandalone(directory.path(), { env: QUICK });
  const alice = new StreamClient(server.url, '@alice:x/PHONE');
  await alice.event(({ type }) => type === 'snapshot');
  await server.accept(
    { type: 'room.joined', user_id: '@alice:x', room_id: '!r:x' },
    { type: 'room.joined', user_id: '@bob:x', room_id: '!r:x' },
    { type: 'source.alive', source_id: 'gateway', ttl_ms: 1_500 },
    { type: 'device.connected', user_id: '@bob:x', device_id: 'LAPTOP', source_id: 'gateway' },
  );
  await alice.presence('@bob:x', 'online');
  const inactive = await alice.event(
    ({ data }) => data.sender === '@bob:x' && data.content?.currently_active === false,
  );
  const idle = await alice.presence('@bob:x', 'unavailable');
  await alice.event(({ data }) => data.sender === '@bob:x' && data.content?.presence === 'offline');
  // Sent at the deadline, give or take the machine's delay: these are what has passed since Bob was last active.
  const passed = [inactive, idle].map(({ data }) => data.content?.last_active_ago ?? NaN);
  expect(passed[0]).toBeGreaterThanOrEqual(300);
  expect(passed[0]).toBeLessThan(700);
  expect(passed[1]).toBeGreaterThanOrEqual(700);
  expect(passed[1]).toBeLessThan(1_500);
  const told = alice.events.filter(({ data }) => data.sender === '@bob:x');
  expect(told.map(({ data }) => [data.content?.presence, data.content?.currently_active])).toEqual([
    ['online', true],
    ['online', false],
    ['unavailable', undefined],
    ['offline', undefined],
  ]);
  await alice.close();
  expect(await server.process.kill('SIGTERM')).toBe(0);
});
