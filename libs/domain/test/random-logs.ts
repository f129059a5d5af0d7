import fc from 'fast-check';
import type { DeadLetter } from '#domain/changes';
import { decodeText } from '#domain/events';
import type { FoldRecord } from '#domain/fold';
import { Fold } from '#domain/fold';
import type { Announcement } from '#domain/state';
import { randomLog } from '../../../test/oracle/random-log.ts';
import { StateTopic } from './state-topic.ts';

const HOUR = 3_600_000;
export const USERS = ['@u0:x', '@u1:x', '@u2:x', '@u3:x', '@u4:x'];

/** Runs are the same every time; another seed can be given to look further. */
export const RUNS = {
  seed: Number(process.env.PROPERTIES_SEED ?? 1),
  numRuns: Number(process.env.PROPERTIES_RUNS ?? 100),
};

export interface Told {
  readonly userId: string;
  readonly announcement: Announcement;
}

/** Random logs, in some of which hours or days pass now and then, so that what has ended is forgotten. */
export const logs = fc
  .record({
    seed: fc.nat(),
    records: fc.integer({ min: 1, max: 150 }),
    pauses: fc.array(fc.record({ before: fc.nat(149), hours: fc.constantFrom(1, 12, 23, 24) }), { maxLength: 6 }),
  })
  .map(({ seed, records, pauses }): FoldRecord[] =>
    randomLog(seed, { records }).map(({ offset, timestamp, key, value }) => ({
      offset,
      timestamp: timestamp + pauses.reduce((sum, { before, hours }) => sum + (before <= offset ? hours * HOUR : 0), 0),
      key: key ?? null,
      decoded: decodeText(value),
    })),
  );

export interface Whole {
  readonly told: Told[];
  readonly deadLetters: DeadLetter[];
  readonly state: StateTopic;
  readonly fold: Fold;
}

/** The log folded at once, and written in one commit. */
export function whole(log: readonly FoldRecord[]): Whole {
  const fold = new Fold();
  const state = new StateTopic();
  for (const record of log) fold.apply(record);
  const { announcements: told, deadLetters } = state.commit(fold);
  return { told, deadLetters, state, fold };
}

export const TICK = { key: null, decoded: { event: { type: 'tick' } } } as const;

/** The log with each record at its log time. */
export function inLogTime(log: readonly FoldRecord[]): FoldRecord[] {
  let t = 0;
  return log.map((record) => ({ ...record, timestamp: (t = Math.max(t, record.timestamp)) }));
}

/** Without where in the partition it was made, which depends on the records of others. */
export const withoutPosition = ({ userId, announcement }: Told): object => ({
  userId,
  ...announcement,
  position: null,
});
