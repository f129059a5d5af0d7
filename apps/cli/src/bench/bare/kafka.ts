import { kafkaClient } from '#message-log/kafka/kafka-client';
import type { FilledRecord } from '../log-places.ts';
import type { BareClient } from './bare-client.ts';

const BLOCKS_AT_ONCE = 4;
/** As many records as the projector takes at once, so that there are as many transactions. */
const PIECE_RECORDS = 1_000;
const FETCH = { maxWaitTimeInMs: 500, minBytes: 1 };

/** What a projector writes for what it reads. */
export interface Output {
  readonly recordsPerEvent: number;
  readonly bytesPerRecord: number;
}

/** kafkajs as it comes, with the connection settings of the adapter. */
export class BareKafka implements BareClient {
  private readonly kafka;

  private constructor(
    brokers: readonly string[],
    private readonly topic: string,
    private readonly partitions: number,
  ) {
    this.kafka = kafkaClient({ brokers, clientId: 'presently-bench-bare' });
  }

  /** Makes the topic. */
  static async open(brokers: readonly string[], topic: string, partitions: number): Promise<BareKafka> {
    const bare = new BareKafka(brokers, topic, partitions);
    const admin = bare.kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, replicationFactor: -1 }],
    });
    await admin.disconnect();
    return bare;
  }

  async append(blocks: Iterable<readonly FilledRecord[]>): Promise<void> {
    const producer = this.kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const underWay: Promise<unknown>[] = [];
    for (const block of blocks) {
      const messages = block.map(({ key, value }) => ({ key, value }));
      underWay.push(producer.send({ topic: this.topic, acks: -1, messages }));
      if (underWay.length === BLOCKS_AT_ONCE) await underWay.shift();
    }
    await Promise.all(underWay);
    await producer.disconnect();
  }

  async read(count: number): Promise<void> {
    await this.consume(this.topic, count, () => Promise.resolve());
  }

  /**
   * Consumes so many records of a topic and writes what a projector would write, in as many transactions: each partition has
   * two transactional ids, used in turn, which is the fastest there is.
   */
  async consumeAndProduce(from: string, count: number, output: Output): Promise<void> {
    const value = 'x'.repeat(output.bytesPerRecord);
    const ids = Array.from({ length: 2 * this.partitions }, (_, index) => `${this.topic}-${index}`);
    const producers = ids.map((transactionalId) =>
      this.kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 }),
    );
    await Promise.all(producers.map((producer) => producer.connect()));
    const turns = new Map<number, number>();
    await this.consume(from, count, async (partition, records) => {
      const turn = turns.get(partition) ?? 0;
      turns.set(partition, 1 - turn);
      const length = Math.round(records * output.recordsPerEvent);
      const messages = Array.from({ length }, (_, index) => ({ key: `${index}`, value, partition }));
      const transaction = await producers[2 * partition + turn]?.transaction();
      await transaction?.send({ topic: this.topic, acks: -1, messages });
      await transaction?.commit();
    });
    await Promise.all(producers.map((producer) => producer.disconnect()));
  }

  async close(): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [this.topic] });
    await admin.disconnect();
  }

  private async consume(
    topic: string,
    count: number,
    take: (partition: number, records: number) => Promise<void>,
  ): Promise<void> {
    const consumer = this.kafka.consumer({ groupId: `${this.topic}-${topic}`, ...FETCH });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    let [left, bytes] = [count, 0];
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      void consumer.run({
        autoCommit: false,
        partitionsConsumedConcurrently: this.partitions,
        eachBatch: async ({ batch: { partition, messages } }) => {
          for (const { value } of messages) bytes += value?.length ?? 0;
          for (let at = 0; at < messages.length; at += PIECE_RECORDS) {
            await take(partition, Math.min(PIECE_RECORDS, messages.length - at));
          }
          left -= messages.length;
          if (left <= 0) resolve();
        },
      });
    });
    if (left < 0 || bytes === 0) throw new Error(`${count} records were to be read, and ${count - left} were.`);
    await consumer.disconnect();
  }
}
