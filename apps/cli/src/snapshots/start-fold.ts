import type { FoldOptions } from '#domain/fold';
import { Fold } from '#domain/fold';
import { CommandError } from '#runtime/process';
import type { Place, Source } from '../sources/source.ts';
import { SnapshotStore } from './snapshot-store.ts';

/** A fold, and the place from which it is to go on; null: the beginning. */
export interface Started {
  readonly fold: Fold;
  readonly from: Place | null;
}

/**
 * A fold of a source for a question about `t` and later, milliseconds. With a directory of snapshots it is the last one
 * from before `t`; else, and when there is none so early, a new fold. Throws a `CommandError` when there are none of the source.
 */
export function startFold(source: Source, options: FoldOptions, snapshots: string | undefined, t: number): Started {
  if (snapshots === undefined) return { fold: new Fold(options), from: null };
  const store = new SnapshotStore(snapshots, source.identity());
  if (store.places().length === 0) {
    throw new CommandError(
      `${snapshots} has no snapshots of ${source.name} as it is now: make them with \`presently snapshot\`.`,
    );
  }
  const from = store.lastBefore(t);
  return { fold: from === null ? new Fold(options) : store.restore(from, options), from };
}
