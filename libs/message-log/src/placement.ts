import { partitionOf } from '#domain/partitioner';
import type { NewRecord } from './message-log.ts';

/** What every adapter takes: LMDB's keys end at 1978 bytes, and some of them are the index's. */
export const KEY_BYTES_MAX = 1_900;

/** The partition of a new record. Throws a RangeError for what no log takes: that is a bug of whoever wrote it. */
export function placeOf({ key, partition }: NewRecord, partitionCount: number): number {
  checkKey(key);
  if (partition === undefined) {
    if (key === null) throw new RangeError('A record without a key must name its partition.');
    return partitionOf(key, partitionCount);
  }
  if (Number.isInteger(partition) && partition >= 0 && partition < partitionCount) return partition;
  throw new RangeError(`There is no partition ${partition} in a log of ${partitionCount}.`);
}

/** Throws a RangeError for a key that is too long. */
export function checkKey(key: string | null): void {
  if (key === null || key.length * 3 <= KEY_BYTES_MAX || Buffer.byteLength(key) <= KEY_BYTES_MAX) return;
  throw new RangeError(`A key takes at most ${KEY_BYTES_MAX} bytes, and this has ${Buffer.byteLength(key)}.`);
}
