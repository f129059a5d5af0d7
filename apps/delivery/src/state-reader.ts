import type { StateRecord } from '#domain/state-records';
import type { Batch, MessageLog } from '#message-log/message-log';
import { Backoff } from '#runtime/clock/backoff';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Log } from '#runtime/log';
import type { Hub } from './hub.ts';

interface Progress {
  /** Where to read on: after the last checkpoint that was applied. */
  from: number;
  /** Records of a commit whose checkpoint has not come yet. */
  pending: StateRecord[];
  /** The partition is read up to where it ended when reading began. */
  isCaughtUp: boolean;
  lag: number;
}

/** Reads all of `presence.state` into the hub, commit by commit, and goes on reading after a failure. */
export class StateReader {
  private readonly progress: Progress[];
  private readonly stopping = new AbortController();
  private reading: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly log: MessageLog,
    private readonly hub: Hub,
    private readonly clock: Clock,
    private readonly logger: Log,
  ) {
    this.progress = Array.from({ length: log.partitionCount }, () => ({
      from: 0,
      pending: [],
      isCaughtUp: false,
      lag: 0,
    }));
  }

  start(): void {
    this.reading = Promise.all(this.progress.map((progress, partition) => this.readPartition(partition, progress)));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.reading;
  }

  get isCaughtUp(): boolean {
    return this.progress.every(({ isCaughtUp }) => isCaughtUp);
  }

  /** Records of the state topic not applied yet, by partition. */
  lags(): { partition: number; records: number }[] {
    return this.progress.map(({ lag }, partition) => ({ partition, records: lag }));
  }

  private async readPartition(partition: number, progress: Progress): Promise<void> {
    const backoff = new Backoff();
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const { next } = await this.log.range('state', partition);
        if (next <= progress.from) progress.isCaughtUp = true;
        const take = (batch: Batch): Promise<void> => {
          this.take(partition, progress, batch);
          if ((batch.records.at(-1)?.offset ?? -1) + 1 >= next) progress.isCaughtUp = true;
          backoff.reset();
          return Promise.resolve();
        };
        await this.log.follow('state', partition, progress.from, take, signal);
      } catch (error) {
        const retryMs = backoff.next();
        this.logger.error('delivery.read.failed', { partition, error: (error as Error).message, retryMs });
        await sleep(this.clock, retryMs, signal);
      } finally {
        progress.pending = [];
      }
    }
  }

  private take(partition: number, progress: Progress, { records, end }: Batch): void {
    for (const { offset, value } of records) {
      progress.lag = Math.max(0, end - offset - 1);
      if (value === null) continue; // what the checkpoints' `forgotten_before` has said already
      const record = JSON.parse(value.toString()) as StateRecord;
      if (record.kind === 'checkpoint') {
        for (const pending of progress.pending) this.hub.apply(pending);
        progress.pending = [];
        this.hub.checkpoint(partition, record);
        progress.from = offset + 1;
      } else if (!progress.isCaughtUp) {
        this.hub.apply(record); // nobody listens yet, so nobody can see half of a commit; it spares the memory
      } else {
        progress.pending.push(record);
      }
    }
  }
}
