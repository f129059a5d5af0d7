import { jest } from '@jest/globals';
import { Dialled } from '../support/dialled.ts';
import type { StreamEvent } from '../support/live-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { WsClient } from '../support/ws-client.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();

async function start(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startStandalone(directory.path(), { env });
  await server.ready();
  return server;
}

const joined = (user_id: string): object => ({ type: 'room.joined', user_id, room_id: '!r:x' });
const connected = (user_id: string): object => ({ type: 'device.connected', user_id });

/** Whether the event tells of the user, in a snapshot or as a change. */
const tells =
  (userId: string, presence: string) =>
  ({ data }: StreamEvent): boolean =>
    [...(data.events ?? []), data].some((told) => told.sender === userId && told.content?.presence === presence);

test('a snapshot, then changes; a resume tells what was missed, and nothing else', async () => {
  const server = await start();
  await server.accept(joined('@a:x'), joined('@b:x'), joined('@c:x'), connected('@b:x'));
  const first = new WsClient(server.url, '@a:x/D');
  await first.event(tells('@b:x', 'online'));
  await server.accept(connected('@c:x'));
  await first.event(tells('@c:x', 'online'));
  await first.settled();
  const { token } = first;
  await first.close();
  await server.accept({ type: 'status.set', user_id: '@b:x', presence: 'unavailable', status_msg: 'lunch' });
  const second = new WsClient(server.url, '@a:x/D', { since: token });
  await second.event(tells('@b:x', 'unavailable'));
  await second.settled();
  expect(second.events.map(({ data }) => data)).toMatchObject([
    { type: 'm.presence', sender: '@b:x', content: { presence: 'unavailable', status_msg: 'lunch' } },
  ]);
  expect(second.token).not.toBeNull();
});

test('a token that cannot be used gets a reset, and a snapshot', async () => {
  const server = await start();
  const client = new WsClient(server.url, '@a:x/D', { since: 'forged' });
  await client.event(({ type }) => type === 'snapshot');
  expect(client.events.map(({ data }) => data)).toEqual([
    { type: 'reset', reason: 'The token is not one of yours for this log.' },
    { type: 'snapshot', events: [], more: false },
  ]);
});

test('a browser says who it is in the first frame; a foreign page is not listened to', async () => {
  const server = await start();
  const page = new Dialled(`${server.url}/v1/ws`, { origin: 'http://localhost:3000' });
  (await page.opened()).say({ type: 'auth', token: '@a:x/D', set_presence: 'offline' });
  await page.ofType('snapshot');
  const foreign = await new Dialled(`${server.url}/v1/ws`, { origin: 'https://evil.example' }).refused;
  expect([foreign.status, foreign.body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  const unknown = await new Dialled(`${server.url}/v1/ws`, { authorization: 'Bearer nobody' }).refused;
  expect([unknown.status, unknown.body.errcode]).toEqual([401, 'M_UNKNOWN_TOKEN']);
  page.socket.close();
});

test('without an upgrade it is 426, and no other path takes one', async () => {
  const server = await start();
  const answer = await fetch(`${server.url}/v1/ws`);
  expect([answer.status, answer.headers.get('upgrade')]).toEqual([426, 'websocket']);
  expect(await answer.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
  const elsewhere = await new Dialled(`${server.url}/v1/stream`, { authorization: 'Bearer @a:x' }).refused;
  expect([elsewhere.status, elsewhere.body.errcode]).toEqual([404, 'M_UNRECOGNIZED']);
});

test('being connected is being online: activity, what the client says, and the end of it', async () => {
  const server = await start({
    PRESENTLY_IDLE_AFTER_MS: '2000',
    PRESENTLY_ACTIVE_FOR_MS: '300',
    PRESENTLY_OFFLINE_AFTER_MS: '500',
    PRESENTLY_ACTIVITY_EVERY_MS: '100',
  });
  await server.accept(joined('@a:x'), joined('@b:x'));
  const alice = new WsClient(server.url, '@a:x/D');
  await alice.event(({ type }) => type === 'snapshot');
  const bob = new WsClient(server.url, '@b:x/D', { setPresence: 'none' });
  const soon = async (presence: string): Promise<void> => {
    await alice.presence('@b:x', presence);
    alice.events.splice(0);
  };
  await soon('online');
  await soon('unavailable'); // nothing was done for a while
  bob.say({ type: 'active' });
  await soon('online');
  bob.say({ type: 'presence', presence: 'unavailable' });
  await soon('unavailable');
  bob.say({ type: 'presence', presence: 'online' });
  await soon('online');
  bob.say({ type: 'presence', presence: 'unavailable', status_msg: 'lunch' });
  await soon('unavailable');
  bob.say({ type: 'presence', presence: 'online' });
  await soon('online');
  bob.say({ type: 'presence', presence: 'offline' });
  await soon('offline');
  bob.say({ type: 'presence', presence: 'online', status_msg: 'here' });
  const back = await alice.presence('@b:x', 'online');
  expect(back.data.content?.status_msg).toBe('here');
  await bob.close();
  await soon('offline');
  await alice.close();
});

test('a slow reader gets the latest state only, and the server keeps no more for it', async () => {
  const server = await start();
  const users = Array.from({ length: 300 }, (_, number) => `@u${number}:x`);
  await server.accept(joined('@a:x'), ...users.map(joined));
  const other = new WsClient(server.url, '@a:x/OTHER');
  const slow = new WsClient(server.url, '@a:x/SLOW');
  await slow.event(({ type }) => type === 'snapshot');
  slow.socket.pause();
  const rounds = 60;
  for (let round = 1; round <= rounds; round++) {
    const status_msg = `${round} ${'x'.repeat(1_000)}`;
    await server.accept(...users.map((user_id) => ({ type: 'status.set', user_id, presence: 'online', status_msg })));
  }
  const isLast = ({ data }: StreamEvent): boolean => data.content?.status_msg?.startsWith(`${rounds} `) ?? false;
  const last = (client: WsClient): Set<string | undefined> =>
    new Set(client.events.filter(isLast).map(({ data }) => data.sender));
  while (last(other).size < users.length) await other.settled();
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const buffers = Number(/^nodejs_external_memory_bytes (\S+)/m.exec(metrics)?.[1]);
  expect(buffers).toBeLessThan(200 * 1_024 * 1_024);
  slow.socket.resume();
  while (last(slow).size < users.length) await slow.settled();
  // What the kernel holds for both sides was sent before; all that came after it was replaced by the last of each user.
  const told = slow.events.filter(({ type }) => type === 'm.presence').length;
  expect(told).toBeLessThan((users.length * rounds) / 2);
  const inTheEnd = new Map(slow.events.map(({ data }) => [data.sender, data.content?.status_msg?.split(' ')[0]]));
  for (const user of users) expect(inTheEnd.get(user)).toBe(String(rounds));
  await Promise.all([slow.close(), other.close()]);
});

test('a server that stops says when to come back, ends in time, and the client goes on from its token', async () => {
  const server = await start();
  await server.accept(joined('@a:x'), joined('@b:x'));
  const client = new WsClient(server.url, '@a:x/D');
  const bye = client.event(({ type }) => type === 'bye');
  const closed = new Promise<number>((resolve) => client.socket.on('close', resolve));
  const stuck = new WsClient(server.url, '@b:x/D');
  for (const one of [client, stuck]) await one.event(({ type }) => type === 'snapshot');
  stuck.socket.pause();
  const startedAt = performance.now();
  expect(await server.process.kill('SIGTERM')).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(await closed).toBe(1012);
  expect((await bye).data).toMatchObject({ type: 'bye', retry_ms: expect.any(Number) });
  stuck.socket.terminate();

  const next = await start();
  await next.accept(connected('@b:x'));
  const back = new WsClient(next.url, '@a:x/D', { since: client.token });
  await back.presence('@b:x', 'online');
  expect(back.events[0]?.type).toBe('m.presence');
  await back.close();
});
