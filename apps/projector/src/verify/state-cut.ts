import type { CheckpointRecord } from '#domain/state-records';
import { CHECKPOINT_KEY } from '#domain/state-records';
import type { MessageLog, StoredRecord } from '#message-log/message-log';

/** What the log writes into `state` for itself: ownership markers, and its own id. */
const NOT_OF_THE_FOLD = /^(owner\|.*|log)$/;
/** How often it reads on to an end that moves away. What came after the second reading is too new to be compacted. */
const READINGS_MAX = 3;

/** A partition of `state` as it is at one checkpoint, by key. Values are as they are in the log. */
export interface StateCut {
  /** Null: nothing was ever folded. */
  readonly checkpoint: CheckpointRecord | null;
  readonly records: ReadonlyMap<string, string>;
}

/**
 * Reads a partition of `state` up to its last checkpoint, also while a projector goes on writing. A checkpoint that is no
 * JSON is left among the records. Rejects with `LogUnavailableError` when the log cannot be read.
 */
export async function readStateCut(log: MessageLog, partition: number): Promise<StateCut> {
  const records = new Map<string, string>();
  let pending: StoredRecord[] = [];
  let checkpoint: string | null = null;
  for (let at = 0, readings = 0; readings < READINGS_MAX; readings++) {
    for await (const batch of log.read('state', partition, at)) {
      for (const record of batch.records) {
        if (record.key !== CHECKPOINT_KEY) pending.push(record);
        else {
          for (const { key, value } of pending) put(records, key, value);
          pending = [];
          checkpoint = record.value?.toString() ?? null;
        }
      }
      at = batch.next;
      // Now it is complete. What was compacted away before it was read has come again by here.
      if (at >= batch.end) break;
    }
    if (at >= (await log.range('state', partition)).next) break;
  }
  try {
    return { checkpoint: JSON.parse(checkpoint ?? 'null') as CheckpointRecord | null, records };
  } catch {
    records.set(CHECKPOINT_KEY, checkpoint ?? '');
    return { checkpoint: null, records };
  }
}

function put(records: Map<string, string>, key: string | null, value: StoredRecord['value']): void {
  if (key === null || NOT_OF_THE_FOLD.test(key)) return;
  if (value === null) records.delete(key);
  else records.set(key, value.toString());
}
