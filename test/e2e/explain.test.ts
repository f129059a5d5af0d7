import { jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainAnswerSchema } from '#delivery/explain/explain.schemas';
import type { HistoryAnswer } from '#delivery/history/history.schemas';
import { historyAnswerSchema } from '#delivery/history/history.schemas';
import { ApiClient } from '../support/api-client.ts';
import { presently } from '../support/cli.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { killProcesses } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';

jest.setTimeout(120_000);

const ALICE = '@alice:x';
const BOB = '@bob:x';
const STRANGER = '@stranger:x';
const UPSTREAM = 'dev-upstream';

interface Answer {
  readonly [field: string]: unknown;
  readonly watcher: unknown;
}

let directory = '';
let server: ServerProcess;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'presently-explain-'));
  server = await startStandalone(join(directory, 'data'), { env: { PRESENTLY_PARTITIONS: '1' } });
  await server.ready();
});
afterAll(async () => {
  await killProcesses();
  rmSync(directory, { recursive: true, force: true });
});
/** Nothing of the test before is left of these. */
beforeEach(() => server.accept(...[ALICE, BOB].map((user_id) => ({ type: 'user.removed', user_id }))));

const explain = (token: string | null, userId: string, query = '') =>
  new ApiClient(server.url, token).get<Answer>(`/v1/users/${userId}/explain${query}`);

const history = (token: string | null, userId: string, query = '') =>
  new ApiClient(server.url, token).get<HistoryAnswer>(`/v1/users/${userId}/history${query}`);

/** It has no other fields than those that are published. */
const expectPublished = (body: unknown): void => expect(explainAnswerSchema.parse(body)).toEqual(body);

const ofBob = [
  { type: 'source.alive', source_id: 'gateway', ttl_ms: 60_000 },
  { type: 'device.connected', user_id: BOB, device_id: 'LAPTOP', source_id: 'gateway' },
  { type: 'status.set', user_id: BOB, presence: 'offline' },
];

test('upstream is told why, with the log’s position, and the command line says the same of the log', async () => {
  await server.accept(...ofBob);
  const { status, body } = await explain(UPSTREAM, BOB);
  expect(status).toBe(200);
  expectPublished(body);
  expect(body).toMatchObject({
    user_id: BOB,
    presence: 'offline',
    rule: { name: 'set_offline', section: 'State', says: expect.stringContaining('the user has set that') },
    devices: [{ device_id: 'LAPTOP', state: 'online', held_by: 'source', connections: [{ source_id: 'gateway' }] }],
    manual: { presence: 'offline', at: expect.any(Number) },
    next_deadline: { idle: [], removed: ['LAPTOP'], presence: 'offline', cause: null },
    last_announcement: { presence: 'offline', cause: { type: 'status.set' } },
    log: { partition: 0, offset: 5, announced: { offset: 5, cause_offset: 5 } },
  });
  const printed = await presently('explain', BOB, '--log', '--data', join(directory, 'data'), '--format', 'json');
  expect(JSON.parse(printed)).toEqual(body);
});

test('a user is told of itself, without positions, by which it could tell what others do', async () => {
  await server.accept(...ofBob);
  const before = await explain(BOB, BOB);
  expect(before).toMatchObject({ status: 200, body: { rule: { name: 'set_offline' }, log: null } });
  expectPublished(before.body);
  await server.accept(
    { type: 'device.active', user_id: ALICE },
    { type: 'status.set', user_id: ALICE, status_msg: 'hi' },
  );
  expect((await explain(BOB, BOB)).body).toEqual(before.body);
  expect(await explain('@never:x', '@never:x')).toMatchObject({ status: 200, body: { rule: { name: 'unheard_of' } } });
});

test('nobody else is told: neither who sees the user, nor who does not, and not whether there is such a user', async () => {
  await server.accept(
    ...ofBob,
    { type: 'room.joined', user_id: BOB, room_id: '!r:x' },
    { type: 'room.joined', user_id: ALICE, room_id: '!r:x' },
  );
  const refused = { status: 403, body: { errcode: 'M_FORBIDDEN', error: expect.stringContaining('to that user') } };
  const answers = await Promise.all([
    explain(ALICE, BOB),
    explain(STRANGER, BOB),
    explain(STRANGER, '@never:x'),
    explain(ALICE, BOB, `?watcher=${ALICE}`),
    history(ALICE, BOB),
    history(STRANGER, BOB),
    history(STRANGER, '@never:x', '?from=bad'),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject(refused);
    expect(answer.body).toEqual(answers[0].body);
  }
  expect(await history(null, BOB)).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } });
  expect(await history(BOB, BOB, '?from=bad')).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
  expect(await explain(null, BOB)).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } });
  expect(await explain(BOB, BOB, '?watcher=')).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
});

test('a history is told to the user without positions, and to upstream with them, as the command line says it', async () => {
  await server.accept(...ofBob, { type: 'device.connected', user_id: ALICE, source_id: 'gateway' });
  const { status, body } = await history(BOB, BOB);
  expect(status).toBe(200);
  expect(historyAnswerSchema.parse(body)).toEqual(body);
  const [online, hidden] = body.entries;
  expect(body.entries).toHaveLength(2);
  expect(online).toMatchObject({ presence: 'online', why: 'device LAPTOP connected', log: null });
  expect(hidden).toMatchObject({ presence: 'offline', why: 'the user set the status', log: null });
  expect((await history(BOB, BOB, `?from=${Number(hidden?.ts) + 1}`)).body).toMatchObject({
    before: hidden,
    entries: [],
  });
  expect(await history('@never:x', '@never:x')).toMatchObject({ status: 200, body: { before: null, entries: [] } });

  const { entries } = (await history(UPSTREAM, BOB)).body;
  const printed = await presently('history', BOB, '--log', '--data', join(directory, 'data'), '--format', 'ndjson');
  const rows = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const flat = entries.map(({ cause, log, ...entry }) => ({
    ...entry,
    cause_type: cause.type,
    cause_partition: log?.partition,
    cause_offset: log?.cause_offset,
  }));
  expect(rows.slice(-entries.length)).toEqual(flat); // before them is what was until the account was removed
});

test('a watcher is explained to the user and to upstream; nothing of the watcher’s own is in the answer', async () => {
  const rooms = [BOB, ALICE].map((user_id) => ({ type: 'room.joined', user_id, room_id: '!r:x' }));
  await server.accept(...rooms, { type: 'device.connected', user_id: BOB });
  const watcher = async (token: string, name: string): Promise<unknown> => {
    const { body } = await explain(token, BOB, `?watcher=${name}`);
    expectPublished(body);
    return body.watcher;
  };
  const shared = { user_id: ALICE, sees: 'full', reason: 'shared_room', section: 'Who sees whom', rooms: ['!r:x'] };
  const before = await watcher(BOB, ALICE);
  expect(before).toMatchObject(shared);
  expect(await watcher(UPSTREAM, ALICE)).toEqual(before);
  await server.accept(
    { type: 'device.connected', user_id: ALICE, device_id: 'HERS' },
    { type: 'status.set', user_id: ALICE, presence: 'unavailable', status_msg: 'secret' },
    { type: 'visibility.set', user_id: ALICE, show_to: 'nobody', blocked: [BOB] },
  );
  expect(await watcher(BOB, ALICE)).toEqual(before);
  expect(await watcher(BOB, STRANGER)).toMatchObject({ sees: 'nothing', reason: 'unknown' });
  await new ApiClient(server.url, BOB).put(`/v1/users/${BOB}/visibility`, { show_to: 'everyone', blocked: [ALICE] });
  expect(await watcher(BOB, ALICE)).toMatchObject({ sees: 'offline', reason: 'blocked' });
});

test('the command line explains an event file, at any instant, in text', async () => {
  const file = join(directory, 'events.ndjson');
  const ts = Date.parse('2012-10-01T00:00:00Z');
  const events = [
    { ts, type: 'device.connected', user_id: BOB, device_id: 'LAPTOP' },
    { ts: ts + 400_000, type: 'device.active', user_id: BOB, device_id: 'LAPTOP' },
  ];
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  expect(await presently('explain', BOB, file, '--at', '2012-10-01T00:01:00Z'))
    .toBe(`@bob:x at 2012-10-01T00:01:00.000Z: online, not active
  Online, because device LAPTOP is there, not declared idle, and active less than 5 min ago. (SEMANTICS.md, State)
  last active: 2012-10-01T00:00:00.000Z
  devices:
    LAPTOP: online until 2012-10-01T00:05:00.000Z; says online; there as long as its connection is open
      last active 2012-10-01T00:00:00.000Z, last seen 2012-10-01T00:00:00.000Z
      connection LAPTOP, held by no source
  set by hand: nothing
  next: 2012-10-01T00:05:00.000Z: Device LAPTOP becomes idle: unavailable is announced.
  last announced: 2012-10-01T00:01:00.000Z: online, not active; cause inactive, event 0
  log: events before offset 1; the user’s last is 0
`);
});
