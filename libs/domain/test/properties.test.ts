import fc from 'fast-check';
import type { DeadLetter } from '#domain/changes';
import type { FoldRecord } from '#domain/fold';
import { Fold } from '#domain/fold';
import type { Told } from './random-logs.ts';
import { inLogTime, logs, RUNS, TICK, USERS, whole, withoutPosition } from './random-logs.ts';
import { StateTopic } from './state-topic.ts';

/** Of positions only the offsets of events are left: those of deadlines, and all steps, depend on the ticks. */
function withoutTicks({ records }: StateTopic): unknown {
  const isOfTicks = (name: string): boolean => ['at', 'step', 'announced', 'forgotten_before'].includes(name);
  return JSON.parse(JSON.stringify(records), (name, value: unknown) => {
    if (isOfTicks(name)) return undefined;
    if (name === 'announcement' && value !== null) return { ...value, offset: null };
    if (Array.isArray(value) && value.length === 2 && value.every(Number.isInteger)) return value[0] as number;
    return value;
  });
}

test('the same record again at once changes nothing', () => {
  fc.assert(
    fc.property(logs, (log) => {
      const fold = new Fold();
      for (const record of log) {
        fold.apply({ ...record, offset: record.offset * 2 });
        fold.drain();
        const before = fold.checkpoint();
        fold.apply({ ...record, offset: record.offset * 2 + 1 });
        const { announcements, size } = fold.drain();
        expect({ announcements, size }).toEqual({ announcements: [], size: 0 });
        expect(fold.checkpoint()).toEqual({ ...before, next: { offset: record.offset * 2 + 2, step: 0 } });
      }
    }),
    RUNS,
  );
});

test('users do not influence each other, but for the sources whose life their connections prove', () => {
  const tellsOfSource = ({ decoded }: FoldRecord): boolean =>
    'event' in decoded && decoded.event.type === 'device.connected' && decoded.event.source_id != null;
  fc.assert(
    fc.property(logs, fc.constantFrom(...USERS), (log, userId) => {
      const all = inLogTime(log);
      const alone = all.filter((record) => record.key === userId || record.key === null || tellsOfSource(record));
      const end: FoldRecord = { ...TICK, offset: log.length, timestamp: all.at(-1)?.timestamp ?? 0 };
      const toldOf = (records: FoldRecord[]): object[] =>
        whole([...records, end])
          .told.filter((told) => told.userId === userId)
          .map(withoutPosition);
      expect(toldOf(alone)).toEqual(toldOf(all));
    }),
    RUNS,
  );
});

test('a log folded in pieces, restored at any record and within records, equals one folded whole', () => {
  const everyRecord = fc.constant({ isCut: () => true, isCompacted: true });
  const someRecords = fc
    .uniqueArray(fc.nat(149))
    .map((cuts) => ({ isCut: (offset: number) => cuts.includes(offset), isCompacted: false }));
  const changesMax = fc.constantFrom(1, 2, 5, Infinity);
  fc.assert(
    fc.property(logs, fc.oneof(everyRecord, someRecords), changesMax, (log, { isCut, isCompacted }, max) => {
      const state = new StateTopic();
      const told: Told[] = [];
      const deadLetters: DeadLetter[] = [];
      let fold = new Fold();
      const commit = (): void => {
        const changes = state.commit(fold);
        told.push(...changes.announcements);
        deadLetters.push(...changes.deadLetters);
        if (isCompacted) state.compact();
      };
      for (const record of log) {
        fold.begin(record);
        while (!fold.advance(max)) {
          commit();
          if (!isCut(record.offset)) continue;
          fold = state.restore();
          fold.begin(record);
        }
        if (!isCut(record.offset)) continue;
        commit();
        fold = state.restore();
      }
      commit();
      const expected = whole(log);
      expect(told).toEqual(expected.told);
      expect(deadLetters).toEqual(expected.deadLetters);
      expect(state.records).toEqual(expected.state.records);
    }),
    RUNS,
  );
});

test('ticks, wherever they are put, change nothing but positions', () => {
  const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  const ticks = fc.array(fc.record({ before: fc.nat(149), share }), { maxLength: 50 });
  fc.assert(
    fc.property(logs, ticks, (log, places) => {
      const plain = inLogTime(log).map((record) => ({ ...record, offset: record.offset * 1_000 }));
      const ticking = plain.flatMap((record, i) => {
        const since = plain[i - 1]?.timestamp ?? 0;
        const shares = places.filter(({ before }) => before === i).map(({ share }) => share);
        const times = shares.map((share) => since + Math.floor((record.timestamp - since) * share));
        const added = times
          .sort((a, b) => a - b)
          .map((timestamp, n) => ({ ...TICK, timestamp, offset: record.offset - times.length + n }));
        return [...added, record];
      });
      expect(whole(ticking).told.map(withoutPosition)).toEqual(whole(plain).told.map(withoutPosition));
      expect(withoutTicks(whole(ticking).state)).toEqual(withoutTicks(whole(plain).state));
    }),
    RUNS,
  );
});

test('every deadline fires when the fold said it would, once, in order, and none stays behind', () => {
  fc.assert(
    fc.property(logs, (log) => {
      const fold = new Fold();
      const told: Told[] = [];
      for (const record of log) {
        for (let due = fold.nextDeadlineAt(); due <= record.timestamp; due = fold.nextDeadlineAt()) {
          expect(due).toBeGreaterThan(fold.logTime);
          fold.advanceTo(due);
          const { announcements } = fold.drain();
          expect(announcements.every(({ announcement }) => announcement.ts === due)).toBe(true);
          told.push(...announcements);
        }
        fold.apply(record);
        const { announcements } = fold.drain();
        expect(announcements.every(({ announcement }) => announcement.ts === fold.logTime)).toBe(true);
        expect(fold.nextDeadlineAt()).toBeGreaterThan(fold.logTime);
        told.push(...announcements);
      }
      expect(told).toEqual(whole(log).told);
      const deadlines = told.filter(({ announcement: { cause } }) =>
        ['idle', 'inactive', 'disconnected'].includes(cause.type),
      );
      const instants = deadlines.map(({ userId, announcement }) => `${announcement.ts} ${userId}`);
      expect(new Set(instants).size).toBe(instants.length);
    }),
    RUNS,
  );
});

test('the random logs are nasty enough for all this', () => {
  const causes = new Map<string, number>();
  let forgotten = 0;
  for (const log of fc.sample(logs, RUNS)) {
    const { told, fold } = whole(log);
    forgotten += fold.checkpoint().forgottenBefore.offset > 0 ? 1 : 0;
    for (const { announcement } of told)
      causes.set(announcement.cause.type, (causes.get(announcement.cause.type) ?? 0) + 1);
  }
  expect(forgotten).toBeGreaterThan(RUNS.numRuns / 20);
  const seen = ['idle', 'inactive', 'disconnected', 'policy.set', 'user.removed', 'status.set', 'device.active'];
  expect(seen.filter((type) => (causes.get(type) ?? 0) < RUNS.numRuns / 20)).toEqual([]);
});
