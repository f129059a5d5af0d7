import { Fold } from '#domain/fold';
import type { Source } from '../sources/source.ts';
import { SnapshotStore } from './snapshot-store.ts';

/**
 * Folds a source on from its last snapshot, and keeps one about every so many records, and one at the end. Returns how many
 * were written.
 */
export async function writeSnapshots(source: Source, directory: string, everyRecords: number): Promise<number> {
  const store = new SnapshotStore(directory, source.identity());
  const from = store.places().at(-1) ?? null;
  const fold = from === null ? new Fold(source.foldOptions) : store.restore(from, source.foldOptions);
  let last = from;
  let end = from;
  let count = 0;
  for await (const { records, next } of source.read(from)) {
    for (const record of records) fold.apply(record);
    source.deadLetters.add(fold.drain().deadLetters);
    end = next;
    if (next.offset - (last?.offset ?? 0) < everyRecords) continue;
    store.write(next, fold);
    last = next;
    count++;
  }
  if (end === null || end === last) return count;
  store.write(end, fold);
  return count + 1;
}
