import type { Batch as KafkaBatch, Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Clock } from '#runtime/clock/clock';
import type { BatchHandler, OffsetRange, StoredRecord } from '../message-log.ts';
import { LogConfigError, LogUnavailableError } from '../errors.ts';
import { Heartbeats } from './heartbeats.ts';
import { logError } from './kafka-errors.ts';

/** Records handed over at once; between two pieces the group hears that this member lives. */
const PIECE_RECORDS_MAX = 1_000;

/** kafkajs keeps it, but its types don't say so. */
interface Fetched {
  /** The offset that was asked for. */
  readonly fetchedOffset: string;
  /** All that has an offset from there on: also the markers of transactions, and what was aborted. */
  readonly messagesWithinOffset: readonly { readonly offset: string }[];
}
type FetchedBatch = KafkaBatch & Fetched;

/** What kafkajs tells of every batch, also of one that holds only the markers of transactions. */
interface BatchProcessed {
  readonly partition: number;
  readonly firstOffset: string | null;
  readonly lastOffset: string;
  readonly highWatermark: string;
  readonly batchSize: number;
}

/**
 * Runs a kafkajs consumer of one topic and hands its batches over, those of a partition one after another. It keeps the
 * positions itself: kafkajs forgets them with every rebalance, and on an offset that is gone silently begins elsewhere.
 */
export class BatchPump {
  /** Settles when the consumer has stopped: rejects when that was by an error. */
  readonly ended: Promise<void>;
  private readonly positions = new Map<number, number>();
  /** By partition: settles when what was last handed over is done with. Never rejects. */
  private readonly handing = new Map<number, Promise<void>>();
  private settle: { resolve: () => void; reject: (error: Error) => void } = { resolve() {}, reject() {} };
  private stopping: Promise<void> | null = null;
  private failure: Error | null = null;

  constructor(
    private readonly consumer: Consumer,
    private readonly topic: string,
    private readonly handler: BatchHandler,
    /** What is there of a partition. */
    private readonly range: (partition: number) => Promise<OffsetRange>,
    private readonly clock: Clock,
  ) {
    this.ended = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.ended.catch(() => undefined); // whoever waits for it hears of the error
  }

  /** Starts the consumer. `onJoin` is called with the assigned partitions at each join, before anything is fetched. */
  async run(concurrency: number, onJoin: (partitions: readonly number[]) => void): Promise<void> {
    const { consumer, topic } = this;
    consumer.on('consumer.group_join', ({ payload }) => {
      // kafkajs joins even after `stop` when it was about to: only an error keeps it from running for ever then.
      if (this.stopping !== null) throw new Error('The consumer is being stopped.');
      onJoin(payload.memberAssignment[topic] ?? []);
      for (const [partition, offset] of this.positions) consumer.seek({ topic, partition, offset: String(offset) });
    });
    consumer.on('consumer.end_batch_process', ({ payload }) => this.skip(payload));
    consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
      if (!restart) this.fail(logError(error, 'cannot be read'));
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: Math.max(1, concurrency),
        eachBatch: (payload) => this.take(payload),
      });
    } catch (error) {
      this.fail(logError(error, 'cannot be read'));
    }
  }

  /** Reads a partition from an offset on. */
  begin(partition: number, offset: number): void {
    this.positions.set(partition, offset);
    this.consumer.seek({ topic: this.topic, partition, offset: String(offset) });
  }

  /** Reads a partition no more. Resolves when nothing of it is being handled. */
  async drop(partition: number): Promise<void> {
    this.positions.delete(partition);
    await this.handing.get(partition);
  }

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  get partitions(): number[] {
    return [...this.positions.keys()];
  }

  /** Where each partition is to be read on. */
  get offsets(): { topic: string; partition: number; offset: string }[] {
    return [...this.positions].map(([partition, offset]) => ({ topic: this.topic, partition, offset: String(offset) }));
  }

  /** Ends it with an error. */
  fail(error: Error): void {
    this.failure ??= error;
    void this.stop();
  }

  /** Stops: what is being handled is finished first. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    await this.consumer.stop().catch(() => undefined);
    await this.consumer.disconnect().catch(() => undefined);
    await Promise.all(this.handing.values());
    if (this.failure === null) this.settle.resolve();
    else this.settle.reject(this.failure);
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { partition, messages } = batch;
    await this.handing.get(partition);
    const expected = this.positions.get(partition);
    if (expected === undefined || this.stopping !== null) return;
    const { fetchedOffset, messagesWithinOffset: found } = batch as FetchedBatch;
    if (Number(fetchedOffset) !== expected) return this.goBack(partition, expected);
    const [next, end] = [Number(batch.lastOffset()) + 1, Number(batch.highWatermark)];
    let [from, counted] = [expected, 0];
    for (let at = 0; at < messages.length; at += PIECE_RECORDS_MAX) {
      const records = messages.slice(at, at + PIECE_RECORDS_MAX).map(storedRecord);
      const isLast = at + PIECE_RECORDS_MAX >= messages.length;
      const pieceNext = isLast ? next : (records.at(-1)?.offset ?? 0) + 1;
      const before = counted;
      while (counted < found.length && Number(found[counted]?.offset) < pieceNext) counted++;
      const holes = pieceNext - from - (counted - before);
      const beats = new Heartbeats(payload, this.clock);
      const goesOn = await this.hand(partition, { records, from, holes, next: pieceNext, end });
      from = pieceNext;
      await beats.stop(); // throws when the group rebalances: then the rest is fetched again, by whoever has the partition
      if (!goesOn || !payload.isRunning()) return;
    }
    payload.resolveOffset(messages.at(-1)?.offset ?? '');
  }

  /** A batch that held only markers of transactions has passed by: the handler may wait for the end that it brought near. */
  private skip({ partition, firstOffset, lastOffset, highWatermark, batchSize }: BatchProcessed): void {
    const expected = this.positions.get(partition);
    if (batchSize > 0 || expected === undefined) return;
    // No first offset: the rest of that batch, from the offset that was asked for, was compacted away, and kafkajs goes on by one.
    if (firstOffset === null ? Number(lastOffset) !== expected : Number(firstOffset) < expected) return;
    const next = Number(lastOffset) + 1;
    // From the first on there are markers and what was aborted, all of it without a hole, as far as can be seen here.
    const holes = (firstOffset === null ? next : Number(firstOffset)) - expected;
    void this.hand(partition, { records: [], from: expected, holes, next, end: Number(highWatermark) });
  }

  /** Hands a batch over, and moves the position past it. False: it is not to go on. */
  private async hand(partition: number, batch: Parameters<BatchHandler>[1]): Promise<boolean> {
    this.positions.set(partition, batch.next);
    const before = this.handing.get(partition) ?? Promise.resolve(); // nobody waits for what was skipped
    const handled = before
      .then(() => this.handler(partition, batch))
      .catch((error: unknown) => this.fail(error as Error));
    this.handing.set(partition, handled);
    await handled;
    return this.failure === null && this.positions.has(partition);
  }

  /** kafkajs has fetched from elsewhere: from the group's last offset, or because what was to come next is gone. */
  private async goBack(partition: number, expected: number): Promise<void> {
    const { first, next } = await this.range(partition);
    if (next < expected) {
      this.fail(
        new LogUnavailableError(`Partition ${partition} of ${this.topic} ends before what was read of it already.`),
      );
    } else if (first > expected) {
      const message =
        `Partition ${partition} of ${this.topic} begins at offset ${first}, and ${expected} was to be read next: ` +
        `what lies between was deleted.`;
      this.fail(new LogConfigError(message));
    } else this.consumer.seek({ topic: this.topic, partition, offset: String(expected) });
  }
}

function storedRecord({ offset, timestamp, key, value }: KafkaMessage): StoredRecord {
  return { offset: Number(offset), timestamp: Number(timestamp), key: key?.toString() ?? null, value };
}
