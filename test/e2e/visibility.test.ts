import { jest } from '@jest/globals';
import { ApiClient } from '../support/api-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();

const ALICE = '@alice:x';
const BOB = '@bob:x';
const OF_BOB = `/v1/users/${BOB}/visibility`;

let server: ServerProcess;
let bob: ApiClient;
beforeEach(async () => {
  server = await startStandalone(directory.path());
  await server.ready();
  bob = new ApiClient(server.url, BOB);
});

const status = (observer: string, observed: string) =>
  new ApiClient(server.url, observer).get(`/_matrix/client/v3/presence/${observed}/status`);

/** Sets whom Bob shows himself to; it holds when that is answered. */
async function show(show_to: string, blocked: string[] = []): Promise<void> {
  expect(await bob.put(OF_BOB, { show_to, blocked })).toMatchObject({ status: 200, body: {} });
  expect(await bob.get(OF_BOB)).toMatchObject({ status: 200, body: { show_to, blocked } });
}

test('room-mates see what a user lets them see, at once, and cannot tell hiding from being away', async () => {
  const room_id = '!r:x';
  await server.accept(
    { type: 'room.joined', user_id: ALICE, room_id },
    { type: 'room.joined', user_id: '@eve:x', room_id },
    { type: 'room.joined', user_id: BOB, room_id },
    { type: 'status.set', user_id: BOB, device_id: 'D', presence: 'online', status_msg: 'hi' },
  );
  expect((await bob.get(OF_BOB)).body).toEqual({ show_to: 'everyone', blocked: [] });
  const sees = { status: 200, body: { presence: 'online', status_msg: 'hi' } };
  const away = { status: 200, body: { presence: 'offline' } };
  const eve = new StreamClient(server.url, '@eve:x');
  await eve.event(({ data }) => data.events?.some(({ sender }) => sender === BOB) ?? false);
  expect(await status(ALICE, BOB)).toMatchObject(sees);

  await show('everyone', ['@eve:x']);
  expect(await status(ALICE, BOB)).toMatchObject(sees);
  expect((await status('@eve:x', BOB)).body).toEqual(away.body);
  const { data } = await eve.presence(BOB, 'offline');
  expect(data.content).toEqual({ presence: 'offline' });
  await eve.close();

  await show('contacts');
  expect((await status(ALICE, BOB)).body).toEqual(away.body);
  const list = `/_matrix/client/v3/presence/list/`;
  await new ApiClient(server.url, ALICE).post(`${list}${ALICE}`, { invite: [BOB] });
  expect((await status(ALICE, BOB)).body).toEqual(away.body);
  await bob.post(`${list}${BOB}`, { accept: [ALICE] });
  expect(await status(ALICE, BOB)).toMatchObject(sees);

  await show('nobody');
  expect((await status(ALICE, BOB)).body).toEqual(away.body);
  expect(await status(BOB, BOB)).toMatchObject(sees);
  expect(await status('@stranger:x', BOB)).toMatchObject({ status: 403 });
  await show('everyone');
  expect(await status('@eve:x', BOB)).toMatchObject(sees);
});

test('a choice is its user’s alone, to see and to set', async () => {
  const alice = new ApiClient(server.url, ALICE);
  expect(await alice.get(OF_BOB)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  expect(await alice.put(OF_BOB, { show_to: 'nobody', blocked: [] })).toMatchObject({ status: 403 });
  expect(await new ApiClient(server.url, null).put(OF_BOB, {})).toMatchObject({ status: 401 });
});

test('a thousand users can be blocked, each counts once, and more are refused with a sentence', async () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `@user${String(i).padStart(4, '0')}:example.org`);
  await show('everyone', names);
  expect(await bob.put(OF_BOB, { show_to: 'everyone', blocked: [ALICE, ALICE] })).toMatchObject({ status: 200 });
  expect((await bob.get(OF_BOB)).body).toEqual({ show_to: 'everyone', blocked: [ALICE] });
  for (const [body, why] of [
    [{ show_to: 'everyone', blocked: [...names, '@one:x'] }, 'blocked takes at most 1000, and has 1001'],
    [{ show_to: 'everyone', blocked: names.map((name) => name + 'x'.repeat(100)) }, 'at most 60000 are kept'],
    [{ show_to: 'everyone' }, 'blocked'],
    [{ show_to: 'friends', blocked: [] }, 'show_to'],
    [{ show_to: 'nobody', blocked: [7] }, 'blocked.0'],
  ] as const) {
    const { status: code, body: answer } = await bob.put<{ error: string }>(OF_BOB, body);
    expect(code).toBe(400);
    expect(answer.error).toContain(why);
  }
  expect((await bob.get(OF_BOB)).body).toEqual({ show_to: 'everyone', blocked: [ALICE] });
});
