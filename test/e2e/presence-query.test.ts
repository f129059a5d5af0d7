import { jest } from '@jest/globals';
import { ApiClient } from '../support/api-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();

let server: ServerProcess;
beforeEach(async () => {
  server = await startStandalone(directory.path());
  await server.ready();
});

const query = (token: string | null, user_ids: unknown) =>
  new ApiClient(server.url, token).post('/v1/presence/query', { user_ids });

test('a user is told of those it may see, an upstream service of all that are known', async () => {
  await server.accept(
    { type: 'room.joined', user_id: '@a:x', room_id: '!r:x' },
    { type: 'room.joined', user_id: '@b:x', room_id: '!r:x' },
    { type: 'room.joined', user_id: '@shy:x', room_id: '!r:x' },
    { type: 'device.connected', user_id: '@b:x' },
    { type: 'device.connected', user_id: '@shy:x' },
    { type: 'device.connected', user_id: '@stranger:x' },
    { type: 'visibility.set', user_id: '@shy:x', show_to: 'nobody', blocked: [] },
    { type: 'status.set', user_id: '__proto__', status_msg: 'odd' },
  );
  const names = ['@b:x', '@shy:x', '@stranger:x', '@unknown:x', '__proto__', '@a:x', '@b:x'];
  // Each user's presence is there when this node has folded it.
  await new ApiClient(server.url, 'dev-upstream').put('/v1/rooms/!other:x/members', { members: [] });

  const online = { presence: 'online', currently_active: true, last_active_ago: expect.any(Number) };
  const { status, body } = await query('@a:x/D', names);
  expect(status).toBe(200);
  expect(body).toEqual({
    presence: { '@b:x': online, '@shy:x': { presence: 'offline' }, '@a:x': { presence: 'offline' } },
  });
  const { presence } = (await query('dev-upstream', names)).body as { presence: object };
  expect(Object.entries(presence)).toEqual([
    ['@b:x', online],
    ['@shy:x', online],
    ['@stranger:x', online],
    ['__proto__', { presence: 'offline', status_msg: 'odd' }],
    ['@a:x', { presence: 'offline' }],
  ]);
});

test('who is neither, and what cannot be asked, is refused with a sentence', async () => {
  expect(await query('nobody', ['@a:x'])).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } });
  expect(await query(null, ['@a:x'])).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } });
  const many = Array.from({ length: 1_001 }, (_, i) => `@u${i}:x`);
  expect(await query('@a:x', many)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('user_ids takes at most 1000, and has 1001') },
  });
  expect(await query('@a:x', many.slice(1))).toMatchObject({ status: 200, body: { presence: {} } });
  expect(await query('@a:x', undefined)).toMatchObject({ status: 400 });
});
