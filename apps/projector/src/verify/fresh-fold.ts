import type { VisibilityChange } from '#domain/changes';
import { Changes } from '#domain/changes';
import { Fold } from '#domain/fold';
import { ARCHIVE_POLICY, LIVE_POLICY } from '#domain/policy';
import type { Position, User } from '#domain/state';
import { isBefore } from '#domain/state';
import type { KeyedState } from '#domain/state-records';
import { CHECKPOINT_KEY, checkpointRecord, toRecords } from '#domain/state-records';
import { decodeValue } from '#message-log/decode-value';
import type { MessageLog, StoredRecord } from '#message-log/message-log';

/** Users whose records are made at once. */
const PIECE_USERS = 500;

/** Hears of what the fold cannot fold, in order. */
export type RefusedRecord = (record: StoredRecord, reason: string) => Promise<void>;

/** Folds a partition of the events from the first one on, as a projector does that was never interrupted. */
export class FreshFold {
  private readonly fold: Fold;
  /** The last choice of each user, as it was written: the fold itself does not need all that its record says. */
  private readonly choices = new Map<string, VisibilityChange>();
  /** The first offset at which there should be an event and is none; null: there is none of these. */
  hole: number | null = null;
  /** Events that were folded, ticks and what is refused among them. */
  events = 0;

  constructor(
    private readonly log: MessageLog,
    private readonly partition: number,
  ) {
    this.fold = new Fold({
      policy: log.kind === 'archive' ? ARCHIVE_POLICY : LIVE_POLICY,
      partition: { index: partition, count: log.partitionCount },
    });
  }

  get position(): Position {
    return this.fold.position;
  }

  /** Users who are known, and whose account was not removed. */
  users(): Iterable<User> {
    return this.fold.users();
  }

  /** Folds on to before this offset; Infinity: to the end. `progress` hears how many offsets more are done. */
  async foldTo(
    offset: number,
    refused: RefusedRecord,
    progress: (offsets: number) => void = () => undefined,
  ): Promise<void> {
    const from = this.fold.position.offset;
    if (from >= offset) return;
    for await (const batch of this.log.read('events', this.partition, from)) {
      const records = batch.records.filter((record) => record.offset < offset);
      if (batch.holes > 0) this.hole ??= firstHole(batch.from, batch.records, offset);
      const before = this.fold.position.offset;
      for (const record of records) this.fold.apply(foldable(record));
      this.events += records.length;
      await this.note(records, refused);
      progress(this.fold.position.offset - before);
      if (batch.next >= offset) break;
    }
    if (offset < Infinity && this.fold.position.offset < offset) this.hole ??= this.fold.position.offset;
  }

  /**
   * Everywhere that a projector may have stopped for a checkpoint whose next position this is: before the event, or in the
   * middle of it, where the state is another one at each stop. Each with the checkpoint that it would write there.
   */
  async *stopsAt({ offset, step }: Position): AsyncIterable<KeyedState> {
    yield this.checkpoint();
    const record = await this.recordAt(offset);
    if (record === null) return;
    this.fold.begin(foldable(record));
    // With no room for changes it stops wherever any projector does.
    while (!this.fold.advance(0)) {
      await this.note([], () => Promise.resolve()); // what is refused changes nothing, so nobody stops in it
      if (isBefore({ offset, step }, this.fold.position)) return;
      yield this.checkpoint();
    }
  }

  /** All records that `presence.state` has to have now, without the checkpoint. */
  *records(): Iterable<KeyedState> {
    let piece = new Changes();
    for (const user of this.fold.remembered()) {
      piece.users.add(user);
      for (const kind of ['member', 'invite', 'answer'] as const) {
        for (const [other, tie] of user.ties[kind] ?? []) piece.ties.push({ kind, userId: user.id, other, tie });
      }
      const choice = this.choices.get(user.id);
      if (choice !== undefined) piece.visibility.push(choice);
      if (piece.users.size < PIECE_USERS) continue;
      yield* this.recordsOf(piece);
      piece = new Changes();
    }
    yield* this.recordsOf(piece);
  }

  /** The checkpoint that a projector would write now, without its number. */
  checkpoint(): KeyedState {
    return { key: CHECKPOINT_KEY, value: checkpointRecord(this.log.logId, this.fold.checkpoint()) };
  }

  private *recordsOf(piece: Changes): Iterable<KeyedState> {
    const records = toRecords(piece, checkpointRecord(this.log.logId, this.fold.checkpoint()));
    for (const record of records) if (record.key !== CHECKPOINT_KEY) yield record;
  }

  private async note(records: readonly StoredRecord[], refused: RefusedRecord): Promise<void> {
    const { visibility, deadLetters } = this.fold.drain();
    for (const change of visibility) {
      if (change.choice === null) this.choices.delete(change.userId);
      else this.choices.set(change.userId, change);
    }
    if (deadLetters.length === 0) return;
    const byOffset = new Map(records.map((record) => [record.offset, record]));
    for (const { offset, reason } of deadLetters) {
      const record = byOffset.get(offset);
      if (record !== undefined) await refused(record, reason);
    }
  }

  private async recordAt(offset: number): Promise<StoredRecord | null> {
    const { next } = await this.log.range('events', this.partition);
    if (offset >= next) return null;
    for await (const { records } of this.log.read('events', this.partition, offset)) {
      const [record] = records;
      if (record !== undefined) return record.offset === offset ? record : null;
    }
    return null;
  }
}

const foldable = ({ offset, timestamp, key, value }: StoredRecord) => ({
  offset,
  timestamp,
  key,
  decoded: decodeValue(value),
});

/** The first offset from `from` to before `to` that no record has; null: all have one. */
function firstHole(from: number, records: readonly StoredRecord[], to: number): number | null {
  let expected = from;
  for (const { offset } of records) {
    if (offset !== expected) break;
    expected++;
  }
  return expected < to ? expected : null;
}
