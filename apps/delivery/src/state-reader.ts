import type { StateRecord } from '#domain/state-records';
import type { Batch, MessageLog } from '#message-log/message-log';
import { Backoff } from '#runtime/clock/backoff';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Lag } from '#runtime/lag';
import type { Log } from '#runtime/log';
import type { ImagePart } from '#service/images/image';
import type { Hub } from './hub.ts';

/** The key of what is forgotten. */
interface Tombstone {
  readonly kind: 'tombstone';
  readonly key: string;
}

/** Hears what a reader was given, for metrics. */
export interface ReaderObserver {
  /** Commits whose checkpoint was read, and records of commits. */
  taken(partition: number, counts: { checkpoints: number; changes: number }): void;
  /** So many records, counting a commit as one, should have been read by this offset of the state and were not. */
  lost(partition: number, records: number, offset: number): void;
}

/** What a commit brings, and where it is in the state. */
interface Change {
  readonly record: StateRecord | Tombstone;
  readonly offset: number;
}

interface Progress {
  /** Where to read on after a failure: after the last checkpoint that was applied. */
  from: number;
  /** Where what is read next begins. */
  next: number;
  /** Number of the last checkpoint; null: it has none, or there was none. */
  number: number | null;
  /** Offsets since then that hold nothing, at most: some of these may have been checkpoints, which compaction took away. */
  holes: number;
  /** Records of a commit whose checkpoint has not come yet. */
  pending: Change[];
  /** Where the partition ended when reading began. */
  catchUpTo: number;
  /** It is read up to there. */
  isCaughtUp: boolean;
  /** Some of a commit was applied, and its checkpoint has not come yet. */
  isMidCommit: boolean;
  lag: number;
  /** Timestamp of the last record, milliseconds. */
  readUpTo: number;
}

/** Reads all of `presence.state` into the hub, commit by commit, and goes on reading after a failure. */
export class StateReader {
  private readonly progress: Progress[];
  private readonly stopping = new AbortController();
  private reading: Promise<void> = Promise.resolve();
  /** Why it cannot read now, as a sentence; null when it can. */
  fault: string | null = null;

  constructor(
    private readonly log: MessageLog,
    private readonly hub: Hub,
    private readonly clock: Clock,
    private readonly logger: Log,
    private readonly observer: ReaderObserver | null = null,
  ) {
    this.progress = Array.from({ length: log.partitionCount }, () => ({
      from: 0,
      next: 0,
      number: null,
      holes: 0,
      pending: [],
      catchUpTo: 0,
      isCaughtUp: false,
      isMidCommit: false,
      lag: 0,
      readUpTo: 0,
    }));
  }

  start(): void {
    this.reading = this.read();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.reading;
  }

  get isCaughtUp(): boolean {
    return this.progress.every(({ isCaughtUp }) => isCaughtUp);
  }

  /** Begins where an image ends, before `start`. */
  beginAt(parts: readonly ImagePart[]): void {
    for (const { partition, from, checkpoint } of parts) {
      const progress = this.progress[partition];
      if (progress === undefined) throw new RangeError(`There is no partition ${partition}.`);
      progress.from = from;
      progress.number = checkpoint?.number ?? null;
      if (checkpoint !== null) this.hub.checkpoint(partition, checkpoint);
    }
  }

  /** Up to where the view has all that was committed; null: it is not complete yet. */
  parts(): readonly ImagePart[] | null {
    if (!this.isCaughtUp) return null;
    return this.progress.map(({ from }, partition) => {
      return { partition, from, checkpoint: this.hub.checkpointOf(partition) ?? null };
    });
  }

  /** Records of the state topic not applied yet, by partition. */
  lags(): Lag[] {
    const now = this.clock.now();
    return this.progress.map(({ lag, readUpTo }, partition) => ({
      partition,
      records: lag,
      seconds: lag === 0 ? 0 : Math.max(0, now - readUpTo) / 1_000,
    }));
  }

  private async read(): Promise<void> {
    const backoff = new Backoff();
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.beginAll();
        this.fault = null;
        const from = this.progress.map(({ from: offset }, partition) => ({ partition, offset }));
        const take = (partition: number, batch: Batch): Promise<void> => {
          this.take(partition, batch);
          backoff.reset();
          return Promise.resolve();
        };
        await this.log.follow('state', from, take, signal);
      } catch (error) {
        const retryMs = backoff.next();
        this.fault = (error as Error).message;
        this.logger.error('delivery.read.failed', { error: this.fault, retryMs });
        await sleep(this.clock, retryMs, signal);
      }
    }
  }

  /** All have begun, or failed, when it is over: one that begins late would forget what was read meanwhile. */
  private async beginAll(): Promise<void> {
    const begun = await Promise.allSettled(this.progress.map((progress, partition) => this.begin(partition, progress)));
    for (const result of begun) if (result.status === 'rejected') throw result.reason;
  }

  private async begin(partition: number, progress: Progress): Promise<void> {
    const { next } = await this.log.range('state', partition);
    progress.pending = [];
    progress.next = progress.from;
    progress.holes = 0;
    progress.catchUpTo = next;
    if (next <= progress.from) progress.isCaughtUp = true;
  }

  private take(partition: number, { records, from, holes, next, end }: Batch): void {
    const progress = this.progress[partition];
    if (progress === undefined) throw new RangeError(`There is no partition ${partition}.`);
    if (from > progress.next) this.lost(partition, from - progress.next, progress.next);
    progress.next = next;
    progress.holes += holes;
    let checkpoints = 0;
    for (const { offset, key, value } of records) {
      const record =
        value === null
          ? ({ kind: 'tombstone', key: key ?? '' } as const)
          : (JSON.parse(value.toString()) as StateRecord);
      if (record.kind === 'checkpoint') {
        for (const pending of progress.pending) this.apply(partition, pending);
        progress.pending = [];
        this.hub.checkpoint(partition, record);
        progress.from = offset + 1;
        progress.isMidCommit = false;
        this.link(partition, progress, record.number ?? null, offset);
        checkpoints++;
      } else if (!progress.isCaughtUp) {
        this.apply(partition, { record, offset }); // nobody listens yet, so nobody can see half of a commit; it spares the memory
        progress.isMidCommit ||= record.kind !== 'owner' && record.kind !== 'log';
      } else {
        progress.pending.push({ record, offset });
      }
    }
    if (checkpoints > 0) progress.holes = holes; // where in the batch they are is not known
    this.observer?.taken(partition, { checkpoints, changes: records.length - checkpoints });
    progress.lag = end - next;
    progress.readUpTo = records.at(-1)?.timestamp ?? progress.readUpTo;
    if (next >= progress.catchUpTo && !progress.isMidCommit) progress.isCaughtUp = true;
  }

  /** Checkpoints are numbered. One that was passed over is lost, unless there are offsets where compaction can have taken it. */
  private link(partition: number, progress: Progress, number: number | null, offset: number): void {
    const missing = number === null || progress.number === null ? 0 : number - progress.number - 1;
    if (missing > progress.holes) this.lost(partition, missing - progress.holes, offset);
    progress.number = number;
  }

  private lost(partition: number, records: number, offset: number): void {
    this.observer?.lost(partition, records, offset);
    this.logger.error('delivery.records.lost', { partition, records, offset });
  }

  private apply(partition: number, { record, offset }: Change): void {
    if (record.kind === 'tombstone') this.hub.forget(partition, record.key);
    else this.hub.apply(record, offset);
  }
}
