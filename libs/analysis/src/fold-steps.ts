import type { Changes } from '#domain/changes';
import type { Decoded } from '#domain/events';
import type { Fold, FoldRecord } from '#domain/fold';

/** What a fold did at once: deadlines that fired before a record, or the record itself. */
export interface FoldStep {
  /** Log time after it, milliseconds. */
  readonly ts: number;
  /** Null: deadlines. */
  readonly decoded: Decoded | null;
  readonly changes: Changes;
  /** How many changes of users were made, announced or silent. */
  readonly changed: number;
}

/** Folds a record in two steps: what fell due before it, and itself. */
export function* stepsOf(fold: Fold, record: FoldRecord): Iterable<FoldStep> {
  yield deadlinesTo(fold, record.timestamp);
  fold.apply(record);
  const changes = fold.drain();
  yield { ts: fold.logTime, decoded: record.decoded, changes, changed: changes.users.size };
}

/** Lets all fall due up to a time. That moves log time as a tick does, and so changes nothing else. */
export function deadlinesTo(fold: Fold, t: number): FoldStep {
  const { step } = fold.position; // counts the changes
  fold.advanceTo(t);
  const changed = fold.position.step - step;
  return { ts: fold.logTime, decoded: null, changes: fold.drain(), changed };
}
