import type { Fold } from '#domain/fold';
import type { Policy } from '#domain/policy';
import type { Restore } from '#domain/restore';
import { OtherRulesError } from '#domain/restore';
import type { CheckpointRecord } from '#domain/state-records';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { LogConfigError, LogUnavailableError } from '#message-log/errors';
import { decodeValue } from '#message-log/decode-value';
import { readState } from '#message-log/genesis';
import type { Batch, CommitRecord, MessageLog, Ownership, StoredRecord } from '#message-log/message-log';
import type { Clock } from '#runtime/clock/clock';
import type { Images } from '#service/images/images';
import { deadLetterRecord } from './dead-letter.ts';
import { Ticker } from './ticker.ts';
import type { WorkerState } from './worker-image.ts';
import { imageName, RestoreFromImage } from './worker-image.ts';

export interface WorkerOptions {
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly partition: number;
  /** What the log is folded by before its first `policy.set`. */
  readonly policy: Policy;
  /** A commit is written when about this many changes wait. */
  readonly commitChangesMax?: number;
  readonly observer?: WorkerObserver;
  /** Where an image of the fold is found, if there is one. */
  readonly images?: Pick<Images, 'restore'>;
}

/** Hears what a worker has done, for metrics and logs. */
export interface WorkerObserver {
  committed(partition: number, counts: { events: number; announcements: number; deadLetters: number }): void;
  /** The log has given records to fold; also some that were folded already, after a rebalance. */
  taken(partition: number, records: number): void;
  /** Records from `offset` on, or between there and what was read next, should have come and did not. 0: the partition begins. */
  lost(partition: number, records: number, offset: number): void;
}

const COMMIT_CHANGES_MAX = 5_000;

/**
 * Folds one partition of `presence.events` into `presence.state`, exactly once: it owns the partition, restores the fold
 * from the last checkpoint, and writes what changed with the next checkpoint in one commit. After any error it is
 * to be thrown away: the next one restores.
 */
export class PartitionWorker implements WorkerState {
  readonly partition: number;
  fold: Fold | null = null;
  isUncommitted = false;
  isOver = false;
  checkpoint: CheckpointRecord | null = null;
  stateNext = 0;
  private readonly ticker: Ticker;
  private ownership: Ownership | null = null;
  /** Records whose changes wait to be committed, as far as they may turn out to be dead letters. */
  private uncommitted: StoredRecord[] = [];
  private folded = 0;
  /** Where to read on, and where the partition ends, as far as is known. */
  private next = 0;
  private end = 0;

  constructor(private readonly options: WorkerOptions) {
    this.partition = options.partition;
    this.ticker = new Ticker(options.log, options.clock, options.partition);
  }

  /** Takes the partition over and restores the fold. Returns the offset from which to read the events. */
  async start(): Promise<number> {
    const { log, partition } = this.options;
    this.ownership = await log.own(partition);
    const { restoreTo } = this.ownership;
    const restore = await this.restore(restoreTo);
    const { checkpoint } = restore;
    if (checkpoint !== null && checkpoint.log_id !== log.logId) {
      throw new LogConfigError(
        `The state of partition ${partition} was made from another log (${checkpoint.log_id}, this is ${log.logId}): ` +
          `use the events it was made from, or new topics.`,
      );
    }
    this.checkpoint = checkpoint;
    this.stateNext = restoreTo;
    this.fold = this.restored(restore);
    const { first, next } = await log.range('events', partition);
    const { offset } = this.fold.position;
    if (offset < first) {
      throw new LogConfigError(
        `Partition ${partition} of the events begins at offset ${first}, but the state goes on at ${offset}: ` +
          `what lies between was deleted. Restore it, or start from an archived snapshot.`,
      );
    }
    if (offset > next) {
      throw new LogUnavailableError(
        `Partition ${partition} of the events ends at offset ${next}, but the state goes on at ${offset}: a broker is ` +
          `behind, or the events were lost or made anew. If they were, use new topics.`,
      );
    }
    this.next = offset;
    this.end = next;
    this.options.observer?.lost(partition, 0, offset); // so that it is there from the start
    this.ticker.watch(this.fold, this.lag === 0);
    return offset;
  }

  /** Folds a batch and commits what follows from it. Rejects when that failed, or another has taken over. */
  async take(batch: Batch): Promise<void> {
    this.isUncommitted = true;
    try {
      await this.foldBatch(batch);
    } catch (error) {
      this.isOver = true;
      throw error;
    }
    this.isUncommitted = false;
  }

  /** Records of the partition that are not folded yet, as far as is known. */
  get lag(): number {
    return this.fold === null ? Infinity : Math.max(0, this.end - this.next);
  }

  /** Age of what was folded last, or 0 when nothing is left to fold. */
  get lagSeconds(): number {
    if (this.lag === 0 || this.fold === null) return 0;
    return Math.max(0, this.options.clock.now() - this.fold.logTime) / 1_000;
  }

  get logTimeAheadMs(): number {
    return this.fold === null ? 0 : Math.max(0, this.fold.logTime - this.options.clock.now());
  }

  get policy(): Policy | null {
    return this.fold?.policy ?? null;
  }

  get userCount(): number {
    return this.fold?.userCount ?? 0;
  }

  async stop(): Promise<void> {
    this.ticker.pause();
    this.isOver = true;
    await this.ownership?.release();
  }

  private async foldBatch(batch: Batch): Promise<void> {
    const { records, next, end } = batch;
    const fold = this.started(this.fold);
    this.ticker.pause();
    this.end = Math.max(this.end, end); // at once, so that the lag shows a commit that takes long
    this.count(batch);
    for (const record of records) {
      if (record.offset < fold.position.offset) continue; // redelivered
      const { offset, timestamp, key, value } = record;
      this.uncommitted.push(record);
      this.ticker.saw(record, fold.logTime);
      fold.begin({ offset, timestamp, key, decoded: decodeValue(value) });
      while (!fold.advance(this.options.commitChangesMax ?? COMMIT_CHANGES_MAX)) {
        await this.commit(fold);
        this.uncommitted.push(record); // only partly done, and may yet be a dead letter
      }
      this.folded++;
    }
    if (records.length > 0) await this.commit(fold);
    this.next = next;
    this.ticker.watch(fold, this.lag === 0);
  }

  /** What is in the state up to `to` at least: from an image, as far as it goes, and the log. */
  private async restore(to: number): Promise<Restore> {
    const { log, partition, images } = this.options;
    const begun = new RestoreFromImage();
    await images?.restore(imageName(partition), begun);
    await readState(log, partition, begun.restore, to, begun.from);
    return begun.restore;
  }

  private restored(restore: Restore): Fold {
    const { log, partition, policy } = this.options;
    try {
      return restore.fold({ policy, partition: { index: partition, count: log.partitionCount } });
    } catch (error) {
      if (error instanceof OtherRulesError) throw new LogConfigError(error.message, { cause: error });
      throw error;
    }
  }

  /** What lies between where this worker stands and where it was given to read, and offsets that hold nothing, are losses. */
  private count({ records, from, holes }: Batch): void {
    const { partition, observer } = this.options;
    observer?.taken(partition, records.length);
    const lost = Math.max(0, from - this.next) + holes;
    if (lost > 0) observer?.lost(partition, lost, Math.min(from, this.next));
  }

  private async commit(fold: Fold): Promise<void> {
    const { log, partition, observer } = this.options;
    const changes = fold.drain();
    const checkpoint = checkpointRecord(log.logId, fold.checkpoint(), (this.checkpoint?.number ?? 0) + 1);
    const records: CommitRecord[] = changes.deadLetters.map(({ offset, reason }) =>
      deadLetterRecord(
        partition,
        this.uncommitted.find((record) => record.offset === offset),
        offset,
        reason,
      ),
    );
    for (const { key, value } of toRecords(changes, checkpoint)) {
      records.push({ topic: 'state', key, value: value === null ? null : JSON.stringify(value) });
    }
    this.stateNext = await this.started(this.ownership).commit(records);
    this.checkpoint = checkpoint;
    observer?.committed(partition, {
      events: this.folded,
      announcements: changes.announcements.length,
      deadLetters: changes.deadLetters.length,
    });
    this.uncommitted = [];
    this.folded = 0;
  }

  private started<Part>(part: Part | null): Part {
    if (part === null) throw new Error('The worker was not started.');
    return part;
  }
}
