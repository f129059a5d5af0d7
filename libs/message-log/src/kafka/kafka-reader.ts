import type { ConsumerConfig, Kafka } from 'kafkajs';
import { freshId } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { LogUnavailableError } from '../errors.ts';
import type { Batch, BatchHandler, OffsetRange, Start, Topic } from '../message-log.ts';
import type { AdminConnection } from './admin-connection.ts';
import { pinned } from './assigners.ts';
import { BatchPump } from './batch-pump.ts';
import { Handover } from './handover.ts';
import { isLoading, logError } from './kafka-errors.ts';
import { topicName } from './topics.ts';

/** A fetch returns as soon as there is something, so waiting less only costs time. */
const FETCH_WAIT_MS = 500;

const SESSION_MS = 10_000;

/** Settings of every consumer. */
export const CONSUMER: Omit<ConsumerConfig, 'groupId'> = {
  sessionTimeout: SESSION_MS,
  heartbeatInterval: SESSION_MS / 10,
  rebalanceTimeout: 60_000,
  maxWaitTimeInMs: FETCH_WAIT_MS,
  minBytes: 1,
  allowAutoTopicCreation: false,
  // A consumer that crashed is not revived: whoever reads begins anew, from where they are.
  retry: { retries: 8, restartOnFailure: (error) => Promise.resolve(isLoading(error)) },
};

/** Reads named partitions, each reader for itself. */
export class KafkaReader {
  private readonly stopping = new AbortController();

  constructor(
    private readonly kafka: Kafka,
    private readonly admin: AdminConnection,
    private readonly prefix: string,
    private readonly clock: Clock,
  ) {}

  async range(topic: Topic, partition: number): Promise<OffsetRange> {
    try {
      const name = topicName(this.prefix, topic);
      const offsets = await this.admin.ask((admin) => admin.fetchTopicOffsets(name));
      const found = offsets.find((one) => one.partition === partition);
      if (found === undefined) throw new RangeError(`There is no partition ${partition}.`);
      return { first: Number(found.low), next: Number(found.high) };
    } catch (error) {
      throw logError(error, 'cannot say what there is to read');
    }
  }

  async *read(topic: Topic, partition: number, from: number): AsyncIterable<Batch> {
    const { next } = await this.range(topic, partition);
    if (from >= next) return;
    const stop = new AbortController();
    const handover = new Handover<Batch>();
    const give = (_: number, batch: Batch): Promise<void> => handover.give(batch);
    const following = this.follow(topic, [{ partition, offset: from }], give, stop.signal);
    const ending = following.then((): never => {
      throw new LogUnavailableError('The log is closed.');
    });
    ending.catch(() => undefined); // it is raced below
    try {
      for (let at = from; at < next;) {
        const batch = await Promise.race([handover.take(), ending]);
        at = batch.next;
        if (at >= next) stop.abort(); // else it asks for more, in vain, while this batch is worked on
        if (batch.records.length > 0) yield batch;
      }
    } finally {
      stop.abort();
      handover.close();
      await following.catch(() => undefined);
    }
  }

  async follow(topic: Topic, from: readonly Start[], handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const stopping = AbortSignal.any([signal, this.stopping.signal]);
    if (stopping.aborted) return;
    const partitions = from.map(({ partition }) => partition);
    const consumer = this.kafka.consumer({
      ...CONSUMER,
      groupId: `${this.prefix}reader-${freshId()}`, // a group of one, which leaves nothing behind
      partitionAssigners: [pinned(partitions)],
    });
    const range = (partition: number): Promise<OffsetRange> => this.range(topic, partition);
    const pump = new BatchPump(consumer, topicName(this.prefix, topic), handler, range, this.clock);
    const stop = (): void => void pump.stop();
    stopping.addEventListener('abort', stop, { once: true });
    try {
      await pump.run(partitions.length, () => {
        for (const { partition, offset } of from) {
          if (!pump.partitions.includes(partition)) pump.begin(partition, offset);
        }
      });
      await pump.ended;
    } finally {
      stopping.removeEventListener('abort', stop);
    }
  }

  close(): void {
    this.stopping.abort();
  }
}
