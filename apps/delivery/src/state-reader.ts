import type { StateRecord } from '#domain/state-records';
import type { Batch, MessageLog } from '#message-log/message-log';
import { Backoff } from '#runtime/clock/backoff';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Lag } from '#runtime/lag';
import type { Log } from '#runtime/log';
import type { Hub } from './hub.ts';

/** The key of what is forgotten. */
interface Tombstone {
  readonly kind: 'tombstone';
  readonly key: string;
}

interface Progress {
  /** Where to read on: after the last checkpoint that was applied. */
  from: number;
  /** Records of a commit whose checkpoint has not come yet. */
  pending: (StateRecord | Tombstone)[];
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
  ) {
    this.progress = Array.from({ length: log.partitionCount }, () => ({
      from: 0,
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
        await Promise.all(this.progress.map((progress, partition) => this.begin(partition, progress)));
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

  private async begin(partition: number, progress: Progress): Promise<void> {
    const { next } = await this.log.range('state', partition);
    progress.pending = [];
    progress.catchUpTo = next;
    if (next <= progress.from) progress.isCaughtUp = true;
  }

  private take(partition: number, { records, next, end }: Batch): void {
    const progress = this.progress[partition];
    if (progress === undefined) throw new RangeError(`There is no partition ${partition}.`);
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
      } else if (!progress.isCaughtUp) {
        this.apply(partition, record); // nobody listens yet, so nobody can see half of a commit; it spares the memory
        progress.isMidCommit ||= record.kind !== 'owner' && record.kind !== 'log';
      } else {
        progress.pending.push(record);
      }
    }
    progress.lag = end - next;
    progress.readUpTo = records.at(-1)?.timestamp ?? progress.readUpTo;
    if (next >= progress.catchUpTo && !progress.isMidCommit) progress.isCaughtUp = true;
  }

  private apply(partition: number, record: StateRecord | Tombstone): void {
    if (record.kind === 'tombstone') this.hub.forget(partition, record.key);
    else this.hub.apply(record);
  }
}
