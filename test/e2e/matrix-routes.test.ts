import { jest } from '@jest/globals';
import { parseFilter } from '#delivery/matrix/filter';
import { ApiClient } from '../support/api-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();
const FILTER = '/_matrix/client/v3/user/@a:x/filter';

let server: ServerProcess;
let client: ApiClient;
beforeEach(async () => {
  server = await startStandalone(directory.path());
  client = new ApiClient(server.url, '@a:x/PHONE');
});

test('what a Matrix client asks before it syncs is answered', async () => {
  const nobody = new ApiClient(server.url, null);
  const versions = await nobody.get<{ versions: string[] }>('/_matrix/client/versions');
  expect(versions).toMatchObject({ status: 200, body: { unstable_features: {} } });
  expect(versions.body.versions).toEqual(expect.arrayContaining(['r0.6.1', 'v1.1', 'v1.11']));

  const whoami = { user_id: '@a:x', device_id: 'PHONE', is_guest: false };
  for (const version of ['v3', 'r0']) {
    expect((await client.get(`/_matrix/client/${version}/account/whoami`)).body).toEqual(whoami);
  }
  expect((await new ApiClient(server.url, '@a:x').get('/_matrix/client/v3/account/whoami')).body).toEqual({
    user_id: '@a:x',
    is_guest: false,
  });
  expect((await client.get('/_matrix/client/v3/capabilities')).body).toMatchObject({
    capabilities: { 'm.change_password': { enabled: false } },
  });
  const global = { override: [], content: [], room: [], sender: [], underride: [] };
  expect((await client.get('/_matrix/client/v3/pushrules/')).body).toEqual({ global });
  expect((await client.get('/_matrix/client/v3/pushrules/global/')).body).toEqual(global);
});

test.each(['account/whoami', 'capabilities', 'pushrules/'])('%s needs a token', async (path) => {
  const nobody = new ApiClient(server.url, null);
  expect(await nobody.get(`/_matrix/client/v3/${path}`)).toMatchObject({
    status: 401,
    body: { errcode: 'M_MISSING_TOKEN' },
  });
});

test('a filter gets an id, by which it is found again, on any node and after a restart', async () => {
  const filter = {
    room: {
      state: { lazy_load_members: true },
      timeline: { types: Array.from({ length: 80 }, (_, i) => `m.room.${i}`) },
    },
    presence: { not_senders: ['@a:x'] },
  };
  const { status, body } = await client.post<{ filter_id: string }>(FILTER, filter);
  expect(status).toBe(200);
  const id = body.filter_id;
  expect(id.length).toBeGreaterThan(1_024); // more than other parts of a path may have
  expect(parseFilter(id).notSenders).toEqual(['@a:x']);
  await server.process.kill('SIGTERM');
  server = await startStandalone(directory.path());
  client = new ApiClient(server.url, '@a:x/PHONE');
  expect(await client.get(`${FILTER}/${id}`)).toMatchObject({ status: 200, body: filter });
});

test('filters that cannot be, are too long, or are another’s, are refused', async () => {
  expect(await client.get(`${FILTER}/66696`)).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
  expect(await client.post(FILTER, { presence: { limit: -1 } })).toMatchObject({
    status: 400,
    body: { errcode: 'M_INVALID_PARAM' },
  });
  expect(await client.post(FILTER, { x: 'x'.repeat(4_000) })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('an id can carry 3072') },
  });
  const other = new ApiClient(server.url, '@b:x');
  expect(await other.post(FILTER, {})).toMatchObject({ status: 403 });
  expect(await other.get(`${FILTER}/e30`)).toMatchObject({ status: 403 });
});

test('what is not there is unrecognized, as Matrix says it', async () => {
  for (const path of ['/_matrix/client/v3/login', '/_matrix/client/v3/devices', '/nowhere']) {
    expect(await client.get(path)).toMatchObject({ status: 404, body: { errcode: 'M_UNRECOGNIZED' } });
  }
});
