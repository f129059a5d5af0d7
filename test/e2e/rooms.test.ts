import { jest } from '@jest/globals';
import type { MembersPage } from '#delivery/rooms/members.schemas';
import { ApiClient } from '../support/api-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(120_000);
const directory = temporaryDirectory();
const MEMBERS = '/v1/rooms/!garden:x/members';

let server: ServerProcess;
let upstream: ApiClient;
beforeEach(async () => {
  server = await startStandalone(directory.path());
  await server.ready();
  upstream = new ApiClient(server.url, 'dev-upstream');
});

const put = (members: unknown, path = MEMBERS) => upstream.put(path, { members });
const page = (query = '') => upstream.get<MembersPage>(`${MEMBERS}${query}`);

test('the full list of a room’s members sets right what was lost, and again changes nothing', async () => {
  expect(await page()).toMatchObject({ status: 200, body: { members: [], total: 0 } });
  await server.accept(
    { type: 'room.joined', user_id: '@a:x', room_id: '!garden:x' },
    { type: 'room.joined', user_id: '@b:x', room_id: '!garden:x' },
    { type: 'device.connected', user_id: '@c:x' },
  );
  // What was accepted just now counts, though it may not have been folded yet.
  expect(await put(['@c:x', '@b:x', '@c:x'])).toMatchObject({ status: 200, body: { joined: 1, left: 1 } });
  expect((await page()).body).toEqual({ members: ['@b:x', '@c:x'], total: 2 });
  expect((await put(['@b:x', '@c:x'])).body).toEqual({ joined: 0, left: 0 });
  const status = await new ApiClient(server.url, '@b:x').get('/_matrix/client/v3/presence/@c:x/status');
  expect(status).toMatchObject({ status: 200, body: { presence: 'online' } });
  expect((await put([])).body).toEqual({ joined: 0, left: 2 });
  expect((await page()).body).toEqual({ members: [], total: 0 });
});

test('lists of one room that come at once are taken one after another', async () => {
  const answers = await Promise.all([put(['@a:x']), put(['@a:x', '@b:x']), put(['@b:x'])]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const { members } = (await page()).body;
  expect([['@a:x'], ['@a:x', '@b:x'], ['@b:x']]).toContainEqual(members);
});

test('members are in pages, which end', async () => {
  await put(['@d:x', '@b:x', '@a:x', '@c:x', '@e:x']);
  expect((await page('?limit=2')).body).toEqual({ members: ['@a:x', '@b:x'], total: 5, next: '@c:x' });
  expect((await page('?limit=2&from=@c:x')).body).toEqual({ members: ['@c:x', '@d:x'], total: 5, next: '@e:x' });
  expect((await page('?limit=2&from=@e:x')).body).toEqual({ members: ['@e:x'], total: 5 });
  for (const query of ['?limit=0', '?limit=many', '?limit=10001'])
    expect(await page(query)).toMatchObject({ status: 400 });
});

test('a room of 100,000 is taken, and what is larger than the server takes is a clean 413', async () => {
  const members = Array.from({ length: 100_000 }, (_, i) => `@u${String(i).padStart(6, '0')}:example.org`);
  expect((await put(members)).body).toEqual({ joined: 100_000, left: 0 });
  expect((await put(members.slice(1))).body).toEqual({ joined: 0, left: 1 });
  const all: string[] = [];
  for (let next: string | undefined = ''; next !== undefined;) {
    const { body } = await page(`?limit=10000&from=${next}`);
    all.push(...body.members);
    next = body.next;
  }
  expect(all).toEqual(members.slice(1));
  const huge = await put(Array.from({ length: 9 }, () => 'x'.repeat(1_000_000)));
  expect(huge).toMatchObject({ status: 413, body: { errcode: 'M_TOO_LARGE' } });
});

test('it is for upstream services, and for lists of user ids', async () => {
  const user = new ApiClient(server.url, '@a:x');
  expect(await user.get(MEMBERS)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  expect(await user.put(MEMBERS, { members: [] })).toMatchObject({ status: 403 });
  expect(await new ApiClient(server.url, null).get(MEMBERS)).toMatchObject({ status: 401 });
  expect(await put(['@a:x', ''])).toMatchObject({ status: 400, body: { error: expect.stringContaining('members.1') } });
  expect(await put('@a:x')).toMatchObject({ status: 400 });
  expect(await put([], `/v1/rooms/${'r'.repeat(256)}/members`)).toMatchObject({ status: 400 });
  expect((await page()).body).toEqual({ members: [], total: 0 });
});
