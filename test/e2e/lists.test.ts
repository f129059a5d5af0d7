import { jest } from '@jest/globals';
import type { ApiAnswer } from '../support/api-client.ts';
import { ApiClient } from '../support/api-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();

const ALICE = '@alice:x';
const BOB = '@bob:x';

let server: ServerProcess;
beforeEach(async () => {
  server = await startStandalone(directory.path(), { env: { PRESENTLY_USER_WRITES_PER_S: '0' } });
  await server.ready();
});

const as = (token: string): ApiClient => new ApiClient(server.url, token);
const listOf = (user: string): string => `/_matrix/client/v3/presence/list/${user}`;
const list = (user: string) => as(user).get<unknown[]>(listOf(user));
const pending = (user: string) => as(user).get<object>(`${listOf(user)}?pending=true`);
const status = (observer: string, observed: string): Promise<ApiAnswer<unknown>> =>
  as(observer).get(`/_matrix/client/v3/presence/${observed}/status`);

/** Changes the user's list, which must be accepted. */
async function change(user: string, body: object): Promise<void> {
  expect(await as(user).post(listOf(user), body)).toMatchObject({ status: 200, body: {} });
}

const none = { outgoing: [], incoming: [], incoming_total: 0, followers: [], followers_total: 0 };

test('who is invited and accepts is seen by the owner, without a room; and a denial or a drop ends that at once', async () => {
  await server.accept({ type: 'status.set', user_id: BOB, device_id: 'D', presence: 'online', status_msg: 'hello' });
  expect(await status(ALICE, BOB)).toMatchObject({ status: 403 });

  await change(ALICE, { invite: [BOB] });
  expect(await status(ALICE, BOB)).toMatchObject({ status: 403 });
  expect(await list(ALICE)).toMatchObject({ status: 200, body: [] });
  expect((await pending(ALICE)).body).toEqual({ ...none, outgoing: [{ user_id: BOB, state: 'pending' }] });
  expect((await pending(BOB)).body).toEqual({ ...none, incoming: [{ user_id: ALICE }], incoming_total: 1 });

  await change(BOB, { accept: [ALICE] });
  expect(await status(ALICE, BOB)).toMatchObject({ status: 200, body: { presence: 'online', status_msg: 'hello' } });
  const { body } = await list(ALICE);
  expect(body).toEqual([{ type: 'm.presence', sender: BOB, content: expect.objectContaining({ presence: 'online' }) }]);
  expect(await status(BOB, ALICE)).toMatchObject({ status: 403 }); // it goes one way
  expect((await pending(BOB)).body).toEqual({ ...none, followers: [{ user_id: ALICE }], followers_total: 1 });

  await change(BOB, { deny: [ALICE] });
  expect(await status(ALICE, BOB)).toMatchObject({ status: 403 });
  expect((await list(ALICE)).body).toEqual([]);
  expect((await pending(ALICE)).body).toEqual({ ...none, outgoing: [{ user_id: BOB, state: 'denied' }] });
  expect((await pending(BOB)).body).toEqual(none);

  await change(ALICE, { invite: [BOB] }); // a new one, which has to be accepted anew
  expect(await status(ALICE, BOB)).toMatchObject({ status: 403 });
  expect((await pending(BOB)).body).toMatchObject({ incoming: [{ user_id: ALICE }] });
  await change(BOB, { accept: [ALICE] });
  expect(await status(ALICE, BOB)).toMatchObject({ status: 200 });

  await change(ALICE, { drop: [BOB] });
  expect(await status(ALICE, BOB)).toMatchObject({ status: 403 });
  expect((await pending(BOB)).body).toEqual(none);
  await change(ALICE, { invite: [BOB] });
  expect(await status(ALICE, BOB)).toMatchObject({ status: 403 });
});

test('streams of both are told: of the invitation, of what is answered, and of whom the owner sees and sees no more', async () => {
  await server.accept({ type: 'device.connected', user_id: BOB, device_id: 'D' });
  const [alice, bob] = [new StreamClient(server.url, ALICE), new StreamClient(server.url, BOB)];
  const told = (client: StreamClient, type: string) => client.event(({ data }) => data.type === type);
  await Promise.all([told(alice, 'snapshot'), told(bob, 'snapshot')]);
  await change(ALICE, { invite: [BOB] });
  await told(bob, 'm.presence_invite');
  await change(BOB, { accept: [ALICE] });
  await told(alice, 'm.presence_accept');
  await alice.presence(BOB, 'online');
  await change(BOB, { deny: [ALICE] });
  await told(alice, 'm.presence_deny');
  await alice.event(({ data }) => data.type === 'forget' && data.user_id === BOB);
  await Promise.all([alice.settled(), bob.settled()]);
  expect(bob.events.filter(({ type }) => type === 'm.presence_invite')).toHaveLength(1); // what was revoked asks no more
  await Promise.all([alice.close(), bob.close()]);
});

test('the same invitation many times at once is one, which an acceptance holds for', async () => {
  await Promise.all(Array.from({ length: 8 }, () => change(ALICE, { invite: [BOB] })));
  await change(BOB, { accept: [ALICE] });
  await Promise.all(Array.from({ length: 8 }, () => change(ALICE, { invite: [BOB] })));
  expect(await status(ALICE, BOB)).toMatchObject({ status: 200 });
});

test('whom a user follows it sees as they let it: who hides or blocks is offline, who shows to contacts is seen', async () => {
  for (const [name, show_to, blocked] of [
    ['contacts', 'contacts', []],
    ['nobody', 'nobody', []],
    ['blocks', 'everyone', [ALICE]],
  ] as const) {
    const user = `@${name}:x`;
    await server.accept({ type: 'status.set', user_id: user, device_id: 'D', presence: 'online', status_msg: 'hi' });
    await change(ALICE, { invite: [user] });
    await change(user, { accept: [ALICE] });
    await as(user).put(`/v1/users/${user}/visibility`, { show_to, blocked });
    await as(user).get(`/v1/users/${user}/visibility`); // which is answered when this node knows of it
  }
  expect((await list(ALICE)).body).toMatchObject([
    { sender: '@blocks:x', content: { presence: 'offline' } },
    { sender: '@contacts:x', content: { presence: 'online', status_msg: 'hi' } },
    { sender: '@nobody:x', content: { presence: 'offline' } },
  ]);
  const [blocks] = (await list(ALICE)).body as { content: object }[];
  expect(blocks?.content).toEqual({ presence: 'offline' });
});

test('nothing is learnt of somebody by naming them, and nobody touches another’s list', async () => {
  await server.accept({ type: 'device.connected', user_id: BOB, device_id: 'D' });
  const answers = await Promise.all(
    [BOB, '@nobody:x'].flatMap((name) =>
      ['invite', 'drop', 'accept', 'deny'].map(async (what) => {
        await as(ALICE).post(listOf(ALICE), { [what]: [name] });
        return (await as(ALICE).post(listOf(ALICE), { [what]: [name] })).status;
      }),
    ),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(await as(ALICE).get(listOf(BOB))).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  expect(await as(ALICE).get(`${listOf(BOB)}?pending=true`)).toMatchObject({ status: 403 });
  expect(await as(ALICE).post(listOf(BOB), { accept: [ALICE] })).toMatchObject({ status: 403 });
  expect(await new ApiClient(server.url, null).get(listOf(BOB))).toMatchObject({ status: 401 });
});

test('a request is done as a whole, or not at all', async () => {
  const bad = await as(ALICE).post(listOf(ALICE), { invite: [BOB, ALICE] });
  expect(bad).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
  expect(await as(ALICE).post(listOf(ALICE), { invite: [BOB, ''] })).toMatchObject({ status: 400 });
  expect(await as(ALICE).post(listOf(ALICE), { invite: BOB })).toMatchObject({ status: 400 });
  expect((await pending(ALICE)).body).toEqual(none);
  await change(ALICE, {});
});

test('lists survive a restart', async () => {
  await change(ALICE, { invite: [BOB, '@carol:x'] });
  await change(BOB, { accept: [ALICE] });
  await change('@carol:x', { deny: [ALICE] });
  expect(await server.process.kill('SIGTERM')).toBe(0);
  server = await startStandalone(directory.path());
  await server.ready();
  expect((await list(ALICE)).body).toMatchObject([{ sender: BOB }]);
  expect((await pending(ALICE)).body).toEqual({ ...none, outgoing: [{ user_id: '@carol:x', state: 'denied' }] });
});

test('when an account is removed, its lists, rooms and choices are gone, and those who watched are told', async () => {
  const joined = (user_id: string) => ({ type: 'room.joined', user_id, room_id: '!r:x' });
  await server.accept({ type: 'status.set', user_id: BOB, device_id: 'D', presence: 'online', status_msg: 'hi' });
  await server.accept(joined(BOB), joined('@mate:x'));
  await change(ALICE, { invite: [BOB] });
  await change(BOB, { accept: [ALICE], invite: ['@carol:x'] });
  await as(BOB).put(`/v1/users/${BOB}/visibility`, { show_to: 'contacts', blocked: ['@eve:x'] });
  const [alice, mate] = [new StreamClient(server.url, ALICE), new StreamClient(server.url, '@mate:x')];
  const snapshot = (client: StreamClient) =>
    client.event(({ data }) => data.type === 'snapshot' && data.more === false);
  await Promise.all([alice, mate].map(snapshot));

  await server.accept({ type: 'user.removed', user_id: BOB });
  const forgets = (client: StreamClient) => client.event(({ data }) => data.type === 'forget' && data.user_id === BOB);
  await Promise.all([alice, mate].map(forgets));
  for (const observer of [ALICE, '@mate:x']) expect(await status(observer, BOB)).toMatchObject({ status: 403 });
  expect((await list(ALICE)).body).toEqual([]);
  expect((await pending(BOB)).body).toMatchObject({ outgoing: [], followers: [] });
  expect((await pending('@carol:x')).body).toEqual(none);
  expect((await as(BOB).get(`/v1/users/${BOB}/visibility`)).body).toEqual({ show_to: 'everyone', blocked: [] });
  const upstream = as('dev-upstream');
  expect((await upstream.get('/v1/rooms/!r:x/members')).body).toEqual({ members: ['@mate:x'], total: 1 });
  expect((await upstream.post('/v1/presence/query', { user_ids: [BOB] })).body).toEqual({ presence: {} });
  await Promise.all([alice.close(), mate.close()]);

  await server.accept(joined(BOB)); // an account of that name again
  await change(BOB, { accept: [ALICE] });
  expect((await upstream.post('/v1/presence/query', { user_ids: [BOB] })).body).toEqual({
    presence: { [BOB]: { presence: 'offline' } },
  });
});
