import { readFileSync, writeFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import type { UserRecord } from '#domain/state-records';
import type { LogFile } from '#message-log/lmdb/log-file';
import { openLogFile } from '#message-log/lmdb/log-file';
import { decodeEnd, encodeEnd, endKey, offsetOfKey, recordKey } from '#message-log/lmdb/encoding';
import type { StoredRecord, Topic } from '#message-log/message-log';
import { presently } from '../support/cli.ts';
import { LIVE_SETTINGS } from '../support/live-load.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { SourceProcess } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { traceFile } from '../support/trace.ts';
import { sumOf, verify } from '../support/verify.ts';

jest.setTimeout(180_000);
const directory = temporaryDirectory();
const inDirectory = (): string[] => ['--data', directory.path()];

const AGREE =
  /^agree: 4 partitions, [\d,]+ events to offsets (\d+, ){3}\d+, [\d,]+ users?, [\d,]+ ties?, \d+ dead letters?\b/;

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** Everything is folded and has come to delivery, and nothing was lost on the way. */
async function expectNothingLost(server: ServerProcess): Promise<void> {
  for (const app of ['projector', 'delivery']) {
    await until(async () => (await sumOf(server, `presently_${app}_lag_records`)) === 0);
  }
  expect(await sumOf(server, 'presently_lost_records_total')).toBe(0);
  const [taken = 0, appended = 0, refused = 0] = await Promise.all(
    ['taken', 'appended', 'refused'].map((name) => sumOf(server, `presently_events_${name}_total`)),
  );
  expect(taken).toBe(appended + refused);
}

test('while a server runs under load, all of it agrees, also what it shows, and nothing is lost', async () => {
  const file = traceFile();
  const server = await startStandalone(directory.path(), { env: LIVE_SETTINGS });
  await server.ready();
  let isLoading = true;
  const loading = presently('load', file, '--url', server.url, '--rate', '6000').finally(() => (isLoading = false));
  let runs = 0;
  for (; isLoading; runs++) {
    const { code, line, errors } = await verify([...inDirectory(), ...(runs % 2 === 0 ? [] : ['--url', server.url])]);
    expect([code, line, errors]).toEqual([0, expect.stringMatching(AGREE), '']);
  }
  await loading;
  expect(runs).toBeGreaterThan(1);
  await expectNothingLost(server);
  const { code, line } = await verify([...inDirectory(), '--url', server.url]);
  expect([code, line]).toEqual([0, expect.stringMatching(AGREE)]);
  expect(line).toContain(`and delivery at ${server.url} (`);
});

test('after kill -9, three times over, all of it agrees: before the next start, and when it goes on', async () => {
  const file = traceFile();
  for (let round = 0; round < 3; round++) {
    const server = await startStandalone(directory.path(), { env: LIVE_SETTINGS });
    await server.ready();
    const loading = new SourceProcess('apps/cli/src/main.ts', ['load', file, '--url', server.url, '--rate', '8000']);
    await until(async () => (await sumOf(server, 'presently_events_appended_total')) > 3_000 + 4_000 * round);
    expect(await sumOf(server, 'presently_lost_records_total')).toBe(0);
    await server.process.kill('SIGKILL');
    const { code, line, errors } = await verify(inDirectory());
    expect([code, line, errors]).toEqual([0, expect.stringMatching(AGREE), '']);
    await loading.kill('SIGKILL'); // it would try again for a while
  }
  const server = await startStandalone(directory.path(), { env: LIVE_SETTINGS });
  await server.ready();
  await server.accept({ type: 'device.active', user_id: '@late:x' });
  const { code, line } = await verify([...inDirectory(), '--url', server.url]);
  expect([code, line]).toEqual([0, expect.stringMatching(AGREE)]);
  await expectNothingLost(server);
});

describe('what was changed behind its back is found, and named:', () => {
  const BOB = '@bob:x';
  let file: LogFile;

  /** All records of a topic. */
  function all(topic: Topic): { readonly partition: number; readonly record: StoredRecord }[] {
    return [0, 1, 2, 3].flatMap((partition) =>
      [...file.records.getRange({ start: recordKey(topic, partition, 0), end: recordKey(topic, partition, 1e9) })].map(
        ({ key, value }) => ({ partition, record: { offset: offsetOfKey(key), ...value } }),
      ),
    );
  }

  function put(topic: Topic, partition: number, offset: number, { timestamp, key, value }: StoredRecord): void {
    file.records.putSync(recordKey(topic, partition, offset), { timestamp, key, value });
  }

  function find(topic: Topic, isIt: (record: StoredRecord) => boolean): { partition: number; record: StoredRecord } {
    const found = all(topic).find(({ record }) => isIt(record));
    if (found === undefined) throw new Error(`There is no such record of ${topic}.`);
    return found;
  }

  const bobs = (): ReturnType<typeof find> => find('state', ({ key }) => key === `user|${BOB}`);

  /** What the log is before it is changed. */
  let pristine: Buffer | null = null;

  beforeEach(async () => {
    pristine ??= await madeLog();
    writeFileSync(`${directory.path()}/log.mdb`, pristine);
    file = openLogFile(directory.path(), { partitionCount: undefined, kind: 'live' });
  });

  async function madeLog(): Promise<Buffer> {
    const server = await startStandalone(directory.path(), { env: LIVE_SETTINGS });
    await server.ready();
    for (const status_msg of ['one', 'two', 'three']) {
      await server.accept(
        { type: 'room.joined', user_id: BOB, room_id: '!r:x' },
        { type: 'status.set', user_id: BOB, status_msg },
      );
    }
    await until(async () => (await sumOf(server, 'presently_projector_lag_records')) === 0);
    expect(await server.process.kill('SIGTERM')).toBe(0);
    expect(await verify(inDirectory())).toMatchObject({ code: 0, line: expect.stringMatching(AGREE) as string });
    return readFileSync(`${directory.path()}/log.mdb`);
  }

  /** Closes the file, and returns what is said of it. */
  async function said(): Promise<string> {
    await file.root.close();
    const { code, line } = await verify(inDirectory());
    expect(code).toBe(1);
    return line;
  }

  test('a record of the state that is another one', async () => {
    const { partition, record } = bobs();
    const user = JSON.parse(String(record.value)) as UserRecord;
    put('state', partition, record.offset, {
      ...record,
      value: Buffer.from(JSON.stringify({ ...user, presence: 'online' })),
    });
    expect(await said()).toBe(
      `differ: partition ${partition}, user ${BOB}, at events offset ${user.at}: ` +
        'state says {"presence":"online"}, fold says {"presence":"offline"}',
    );
  });

  test('a record of the state that is gone', async () => {
    const { partition, record } = find('state', ({ key }) => key?.startsWith('member|') === true);
    file.records.removeSync(recordKey('state', partition, record.offset));
    expect(await said()).toMatch(
      new RegExp(
        `^differ: partition ${partition}, user ${BOB}, membership of !r:x, at events offset 1: state says nothing, fold says \\{`,
      ),
    );
  });

  test('an event that is gone', async () => {
    const { partition, record } = find('events', ({ value }) => String(value).includes('two'));
    file.records.removeSync(recordKey('events', partition, record.offset));
    expect(await said()).toBe(
      `differ: partition ${partition}, the events, at events offset ${record.offset}: there is none, where there has to be one`,
    );
  });

  test('an event too many', async () => {
    const { partition, record } = find('events', ({ value }) => String(value).includes('two'));
    const later = all('events').filter((one) => one.partition === partition && one.record.offset >= record.offset);
    for (const one of later) put('events', partition, one.record.offset + 1, one.record);
    const value = JSON.stringify({ type: 'room.left', user_id: BOB, room_id: '!r:x' });
    put('events', partition, record.offset, { ...record, value: Buffer.from(value) });
    const end = decodeEnd(file.meta.get(endKey('events', partition)));
    file.meta.putSync(endKey('events', partition), encodeEnd({ ...end, next: end.next + 1 }));
    expect(await said()).toMatch(
      new RegExp(`^differ: partition ${partition}, user ${BOB}.*, at events offset \\d+: state says`),
    );
  });

  test('and what a node shows that is older than the log', async () => {
    await file.root.close();
    const other = await startStandalone(`${directory.path()}/other`);
    await other.ready();
    await other.accept({ type: 'room.joined', user_id: BOB, room_id: '!r:x' });
    const { code, line } = await verify([...inDirectory(), '--url', other.url]);
    expect(code).toBe(1);
    expect(line).toMatch(
      /user @bob:x, at events offset \d+: delivery says (nothing|\{"presence":"offline"\}), fold says \{.*"three"\}$/,
    );
    const refused = await verify([...inDirectory(), '--url', other.url, '--token', 'wrong']);
    expect(refused.code).toBe(1);
    expect(refused.errors).toMatch(/\/v1\/presence\/query answers 401: /);
  });
});

test('a directory without a log, and a token without a node, are said to be so', async () => {
  expect(await verify(inDirectory())).toMatchObject({
    code: 78,
    errors: expect.stringMatching(/^There is no log in /) as string,
  });
  expect(await verify([...inDirectory(), '--token', 't'])).toMatchObject({
    code: 1,
    errors: '--token is for the delivery node that --url names: give both.\n',
  });
});
