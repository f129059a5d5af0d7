import { Fold } from '#domain/fold';
import { LIVE_POLICY } from '#domain/policy';
import type { CheckpointRecord, StateRecord } from '#domain/state-records';
import { checkpointRecord, CHECKPOINT_KEY, toRecords } from '#domain/state-records';
import { decodeValue } from '#message-log/decode-value';
import type { StoredRecord } from '#message-log/message-log';
import type { History } from './history.ts';

type Records = Map<string, string | null>;

/** A fresh fold of a partition, which says how the state topic differs from it, commit by commit. */
export class PartitionFold {
  readonly fold: Fold;
  readonly faults: string[] = [];
  /** Events that are not known to be folded. */
  private readonly waiting: StoredRecord[] = [];
  /** What a commit up to here has to hold, and what the one that is being read holds. */
  private readonly due: Records = new Map<string, string | null>();
  private readonly committed: Records = new Map<string, string | null>();

  constructor(
    private readonly logId: string,
    private readonly partition: number,
    private readonly history: History,
  ) {
    const { partitionCount: count } = history;
    this.fold = new Fold({ policy: LIVE_POLICY, partition: { index: partition, count } });
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Takes events, to be folded up to the checkpoints that `takeState` finds. */
  takeEvents(records: readonly StoredRecord[]): void {
    this.waiting.push(...records);
  }

  /** Takes records of the state: each commit has to hold what a fold makes between its checkpoint and the one before. */
  takeState(records: readonly StoredRecord[]): void {
    for (const { key, value, offset } of records) {
      const text = value?.toString() ?? null;
      const record = text === null ? null : (JSON.parse(text) as StateRecord);
      if (record?.kind === 'owner' || record?.kind === 'log') continue;
      this.committed.set(key ?? '', text);
      if (record?.kind === 'checkpoint') this.endCommit(record, offset);
    }
  }

  private endCommit(checkpoint: CheckpointRecord, offset: number): void {
    const { fold, due, committed } = this;
    const [next, step] = checkpoint.next;
    const differs = (text: string): void =>
      void this.faults.push(`partition ${this.partition} of the state, commit at offset ${offset}: ${text}`);
    if (next < fold.position.offset) differs(`it goes back to ${next}, and ${fold.position.offset} was reached`);
    if (step > 0) return; // a part of what one record does: it is looked at with the rest
    this.foldTo(next);
    if (fold.position.offset < next) differs(`it is at ${next}, and the events end at ${fold.position.offset}`);
    // The number is the projector's own, and not the fold's.
    due.set(CHECKPOINT_KEY, JSON.stringify(checkpointRecord(this.logId, fold.checkpoint(), checkpoint.number)));
    for (const key of new Set([...due.keys(), ...committed.keys()])) {
      const [is, should] = [committed.get(key), due.get(key)];
      if (is !== should) differs(`${key} is ${is}, and by a fresh fold ${should}`);
    }
    committed.clear();
    due.clear();
  }

  private foldTo(next: number): void {
    const { fold, waiting, due } = this;
    const end = waiting.findIndex(({ offset }) => offset >= next);
    for (const { offset, timestamp, key, value } of waiting.splice(0, end < 0 ? waiting.length : end)) {
      fold.apply({ offset, timestamp, key, decoded: decodeValue(value) });
      const changes = fold.drain();
      this.history.take(this.partition, changes);
      for (const { key: changed, value: record } of toRecords(changes, null as never).slice(0, -1)) {
        due.set(changed, record === null ? null : JSON.stringify(record));
      }
    }
  }
}
