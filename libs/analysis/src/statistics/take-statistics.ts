import type { DeadLetter } from '#domain/changes';
import type { Fold, FoldRecord } from '#domain/fold';
import { deadlinesTo, stepsOf } from '../fold-steps.ts';
import type { Scope } from './scope.ts';
import { Statistics } from './statistics.ts';

/** A partition whose records are to be folded from the beginning. */
export interface Partition {
  readonly fold: Fold;
  readonly records: AsyncIterable<readonly FoldRecord[]>;
  /** Hears of the records that cannot be folded. */
  readonly refused: (letters: readonly DeadLetter[]) => void;
}

/**
 * Folds the partitions, one after another, and makes statistics up to `to` (null: up to the last record of all of them).
 * Records after that are left out, and deadlines fire up to it.
 */
export async function takeStatistics(
  partitions: readonly Partition[],
  scope: Scope,
  to: number | null,
): Promise<{ readonly statistics: Statistics; readonly to: number }> {
  const statistics = new Statistics(scope);
  for (const { fold, records, refused } of partitions) {
    reading: for await (const batch of records) {
      for (const record of batch) {
        if (to !== null && record.timestamp > to) break reading;
        // So that what fell due before the time that is asked of is not counted in it.
        if (scope.from !== null && fold.logTime < scope.from && record.timestamp >= scope.from) {
          statistics.take(deadlinesTo(fold, scope.from - 1));
        }
        for (const step of stepsOf(fold, record)) {
          statistics.take(step);
          if (step.changes.deadLetters.length > 0) refused(step.changes.deadLetters);
        }
      }
    }
  }
  const end = to ?? statistics.lastAt;
  statistics.finish(
    partitions.map(({ fold }) => fold),
    end,
  );
  return { statistics, to: end };
}
