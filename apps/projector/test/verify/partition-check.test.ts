import type { CheckpointRecord, UserRecord } from '#domain/state-records';
import { CHECKPOINT_KEY } from '#domain/state-records';
import { LIVE_POLICY } from '#domain/policy';
import { writeGenesis } from '#message-log/genesis';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { Batch, OffsetRange, StoredRecord, Topic } from '#message-log/message-log';
import { PartitionWorker } from '#projector/partition-worker';
import { checkPartition } from '#projector/verify/partition-check';
import { randomLog } from '../../../../test/oracle/random-log.ts';
import { MovableClock } from '../../../../test/support/movable-clock.ts';

/** What is done to a record on its way to the reader: others in its place, or none. */
type Change = (record: StoredRecord) => readonly StoredRecord[];

/** A log that gives other records than it has. */
class AlteredLog extends MemoryLog {
  topic: Topic = 'state';
  change: Change = (record) => [record];
  firstEvent = 0;
  firstLetter = 0;

  override async *read(topic: Topic, partition: number, from: number): AsyncIterable<Batch> {
    for await (const batch of super.read(topic, partition, 0)) {
      const records = topic === this.topic ? batch.records.flatMap(this.change) : batch.records;
      const asked = records.filter(({ offset }) => offset >= from);
      const holes = batch.next - from - asked.length;
      yield { ...batch, records: asked, from, holes };
    }
  }

  override async range(topic: Topic, partition: number): Promise<OffsetRange> {
    const range = await super.range(topic, partition);
    if (topic === 'state') return range;
    return { ...range, first: topic === 'events' ? this.firstEvent : this.firstLetter };
  }
}

/** A log with random events, that a worker has folded as far as it goes, in commits of this size. */
async function folded(seed: number, { commitChangesMax = 1_000, takes = Infinity } = {}): Promise<AlteredLog> {
  const clock = new MovableClock();
  const log = new AlteredLog({ logId: 'log', partitionCount: 1, clock, batchRecordsMax: 10_000 });
  await writeGenesis(log, LIVE_POLICY);
  for (const { key = null, value, timestamp } of randomLog(seed, { records: 120 })) {
    clock.move(Math.max(0, timestamp - clock.now()));
    await log.append('events', [{ key, value, partition: 0 }]);
  }
  const worker = new PartitionWorker({ log, clock, partition: 0, policy: LIVE_POLICY, commitChangesMax });
  const from = await worker.start();
  let taken = 0;
  for await (const { records, next, end } of log.read('events', 0, from)) {
    for (const record of records) {
      const at = record.offset;
      if (taken++ < takes)
        await worker.take({ records: [record], from: at, holes: 0, next: at + 1, end: next < end ? end : next });
    }
  }
  await worker.stop();
  return log;
}

const differenceOf = async (log: MemoryLog) => (await checkPartition(log, 0)).difference;
const json = <Json>({ value }: StoredRecord): Json => JSON.parse(String(value)) as Json;
const withJson = (record: StoredRecord, value: object): StoredRecord => ({
  ...record,
  value: Buffer.from(JSON.stringify(value)),
});

/** The last record of a key. */
async function latest(log: MemoryLog, isIt: (key: string) => boolean, topic: Topic = 'state'): Promise<StoredRecord> {
  let found: StoredRecord | undefined;
  for await (const { records } of log.read(topic, 0, 0)) found = records.findLast(({ key }) => isIt(key ?? ''));
  if (found === undefined) throw new Error('There is no such record.');
  return found;
}

describe('the log, the state and a fresh fold agree', () => {
  test.each([1, 2, 3, 4, 5])(
    'random log %i, as far as it is folded, in commits of any size, compacted or not',
    async (seed) => {
      for (const [commitChangesMax, takes] of [
        [1, Infinity],
        [2, 60],
        [1_000, 90],
      ]) {
        const log = await folded(seed, { commitChangesMax, takes });
        const { difference, events, users, ties } = await checkPartition(log, 0);
        expect(difference).toBeNull();
        expect([events > 50, users > 1, ties > 1]).toEqual([true, true, true]);
        log.compact();
        expect(await differenceOf(log)).toBeNull();
      }
    },
  );

  test('when nothing was folded', async () => {
    const log = await folded(1, { takes: 0 });
    expect(await checkPartition(log, 0)).toMatchObject({ difference: null, events: 0, users: 0, ties: 0 });
  });

  test('when the state is of a version that did not number its checkpoints', async () => {
    const log = await folded(1);
    log.change = (record) => {
      if (record.key !== CHECKPOINT_KEY) return [record];
      const { number: _, ...old } = json<CheckpointRecord>(record);
      return [withJson(record, old)];
    };
    expect(await differenceOf(log)).toBeNull();
  });

  test('at a checkpoint in the middle of a record, with ties that were forgotten at one position', async () => {
    const clock = new MovableClock();
    const log = new AlteredLog({ logId: 'log', partitionCount: 1, clock });
    const events = [
      ...Array.from({ length: 20 }, (_, room) => ({ type: 'room.joined', user_id: '@a:x', room_id: `!${room}` })),
      { type: 'user.removed', user_id: '@a:x' },
    ];
    for (const event of events)
      await log.append('events', [{ key: '@a:x', value: JSON.stringify(event), partition: 0 }]);
    clock.move(2 * 24 * 3_600_000);
    await log.append('events', [{ key: null, value: '{"type":"tick"}', partition: 0 }]);
    const commits: number[] = [];
    const worker = new PartitionWorker({ log, clock, partition: 0, policy: LIVE_POLICY, commitChangesMax: 1 });
    const own = log.own.bind(log);
    log.own = async (partition) => {
      const ownership = await own(partition);
      return {
        ...ownership,
        commit: async (records) => {
          const next = await ownership.commit(records);
          const { difference } = await checkPartition(log, 0);
          expect(difference).toBeNull();
          commits.push(records.length);
          return next;
        },
      };
    };
    const from = await worker.start();
    for await (const batch of log.read('events', 0, from)) await worker.take(batch);
    expect(commits.length).toBeGreaterThan(20); // each tie of its own
  });
});

test('dead letters that were deleted because they are old are not missed, but later ones are', async () => {
  const log = await folded(7);
  const letters: StoredRecord[] = [];
  for await (const { records } of log.read('dead-letters', 0, 0)) letters.push(...records);
  log.topic = 'dead-letters';
  log.firstLetter = 1;
  log.change = (record) => (record === letters[0] ? [] : [record]);
  expect(await checkPartition(log, 0)).toMatchObject({ difference: null, deadLetters: letters.length - 1 });
  log.change = (record) => (record === letters[1] ? [] : [record]);
  expect((await differenceOf(log))?.subject).toBe('a dead letter');
});

describe('they differ, and the first difference is named,', () => {
  let log: AlteredLog;
  beforeEach(async () => {
    log = await folded(7);
  });

  test('when a user is not as it has to be', async () => {
    const { offset, key } = await latest(log, (name) => name.startsWith('user|'));
    log.change = (record) =>
      record.offset === offset ? [withJson(record, { ...json<UserRecord>(record), status_msg: 'forged' })] : [record];
    const difference = await differenceOf(log);
    expect(difference?.subject).toBe(`user ${key?.slice(5)}`);
    expect(difference?.text).toMatch(/^state says \{"status_msg":"forged"\}, fold says \{"status_msg":(null|".*")\}$/);
  });

  test('when the last announcement is another one', async () => {
    const { offset } = await latest(log, (name) => name.startsWith('user|'));
    log.change = (record) => {
      if (record.offset !== offset) return [record];
      const user = json<UserRecord>(record);
      return [withJson(record, { ...user, announcement: { ...user.announcement, ts: 5 } })];
    };
    expect((await differenceOf(log))?.text).toMatch(/^state says \{"announcement":\{"ts":5,/);
  });

  test.each(['user|', 'member|', 'invite|', 'answer|', 'visibility|'])(
    'when a record of %s is missing',
    async (kind) => {
      const { key } = await latest(log, (name) => name.startsWith(kind));
      log.change = (record) => (record.key === key ? [] : [record]);
      const difference = await differenceOf(log);
      expect(difference?.subject).toMatch(/^user @/);
      expect(difference?.text).toMatch(/^state says nothing, fold says \{"kind":"/);
    },
  );

  test('when there is a record too many', async () => {
    const member = { kind: 'member', room_id: '!forged:x', user_id: '@a:x', since: [3, 0], until: null };
    log.change = (record) =>
      record.key === CHECKPOINT_KEY
        ? [withJson({ ...record, key: 'member|!forged:x|@a:x' }, member), record]
        : [record];
    expect(await differenceOf(log)).toEqual({
      subject: 'user @a:x, membership of !forged:x',
      offset: 3,
      text: `state says ${JSON.stringify(member)}, fold says nothing`,
    });
  });

  test('when the checkpoint is not as it has to be, or is no JSON', async () => {
    log.change = (record) =>
      record.key === CHECKPOINT_KEY ? [withJson(record, { ...json<CheckpointRecord>(record), t: 5 })] : [record];
    const difference = await differenceOf(log);
    expect(difference?.subject).toBe('the checkpoint');
    expect(difference?.text).toMatch(/^state says \{"t":5\}, fold says \{"t":\d+\}$/);
    log.change = (record) =>
      record.key === CHECKPOINT_KEY ? [{ ...record, value: Buffer.from('{"kind"') }] : [record];
    expect(await differenceOf(log)).toMatchObject({
      subject: 'the checkpoint',
      text: 'state says {"kind", fold says nothing',
    });
  });

  test('when an event is missing: in the middle, or at the end', async () => {
    log.topic = 'events';
    for (const missing of [17, 120]) {
      log.change = (record) => (record.offset === missing ? [] : [record]);
      expect(await differenceOf(log)).toEqual({
        subject: 'the events',
        offset: missing,
        text: 'there is none, where there has to be one',
      });
    }
  });

  test('when an event was added, or is another one', async () => {
    log.topic = 'events';
    const event = { type: 'status.set', user_id: '@u0:x', presence: 'unavailable', status_msg: 'forged' };
    const forged = (record: StoredRecord): StoredRecord => withJson({ ...record, key: '@u0:x' }, event);
    for (const change of [
      (record: StoredRecord) => (record.offset === 30 ? [forged(record)] : [record]),
      (record: StoredRecord) => {
        const later = { ...record, offset: record.offset + 1 };
        return record.offset < 30 ? [record] : record.offset === 30 ? [forged(record), later] : [later];
      },
    ]) {
      log.change = change;
      expect(await differenceOf(log)).toMatchObject({ text: expect.stringMatching(/^state says /) as string });
    }
  });

  test('when a dead letter is missing, there twice, or another one', async () => {
    log.topic = 'dead-letters';
    const letters: StoredRecord[] = [];
    for await (const { records } of log.read('dead-letters', 0, 0)) letters.push(...records);
    expect(letters.length).toBeGreaterThan(1);
    const [, second] = letters as [StoredRecord, StoredRecord];
    const { offset } = json<{ offset: number }>(second);
    const cases: [Change, string][] = [
      [(record) => (record === second ? [] : [record]), '^the log says nothing, fold says \\{'],
      [(record) => (record === second ? [record, record] : [record]), '^the log says \\{.*\\}, fold says nothing$'],
      [
        (record) => (record === second ? [withJson(record, { ...json<object>(record), value: 'forged' })] : [record]),
        '^the log says \\{.*"forged".*\\}, fold says \\{',
      ],
    ];
    for (const [change, text] of cases) {
      log.change = change;
      expect(await differenceOf(log)).toMatchObject({
        subject: 'a dead letter',
        offset,
        text: expect.stringMatching(text) as string,
      });
    }
    log.change = (record) => [withJson(record, { ...json<object>(record), reason: 'in other words' })];
    expect(await differenceOf(log)).toBeNull();
  });

  test('the earliest of several', async () => {
    const users: StoredRecord[] = [];
    for await (const { records } of log.read('state', 0, 0)) {
      users.push(
        ...new Map(records.filter(({ key }) => key?.startsWith('user|')).map((one) => [one.key, one])).values(),
      );
    }
    log.change = (record) =>
      users.some(({ offset }) => offset === record.offset)
        ? [withJson(record, { ...json<UserRecord>(record), status_msg: 'forged' })]
        : [record];
    const earliest = Math.min(...users.map((record) => json<UserRecord>(record).at));
    expect(await differenceOf(log)).toMatchObject({ offset: earliest });
  });
});

describe('there is nothing to compare', () => {
  test('when events were deleted', async () => {
    const log = await folded(1);
    log.firstEvent = 12;
    await expect(checkPartition(log, 0)).rejects.toThrow(
      /^Partition 0 of the events begins at offset 12: what came before was deleted/,
    );
  });

  test.each([
    ['other rules', { rules: 99 }, /^The state was made by rules version 99, and this is version 1: /],
    ['another log', { log_id: 'elsewhere' }, /^The state of partition 0 was made from another log \(elsewhere, /],
  ])('when the state was made by %s', async (_, change, message) => {
    const log = await folded(1);
    log.change = (record) =>
      record.key === CHECKPOINT_KEY ? [withJson(record, { ...json<CheckpointRecord>(record), ...change })] : [record];
    await expect(checkPartition(log, 0)).rejects.toThrow(message);
  });
});
