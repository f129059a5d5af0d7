import { setTimeout as sleep } from 'node:timers/promises';
import type { EachMessagePayload, Producer } from 'kafkajs';
import { Kafka } from 'kafkajs';
import type { KafkaConnection } from '../support/kafka/kafka-connection.ts';
import { clientConfig } from '../support/kafka/kafka-connection.ts';

const AFTER_FAILURE_MS = 20;

/** A topic of one partition, with as many copies as the brokers make of new topics. */
export async function makeTopic(connection: KafkaConnection, topic: string): Promise<void> {
  const admin = new Kafka(clientConfig(connection)).admin();
  await admin.connect();
  const definition = { topic, numPartitions: 1, replicationFactor: -1 };
  try {
    await admin.createTopics({ topics: [definition], waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}

export async function send(connection: KafkaConnection, topic: string, values: readonly string[]): Promise<void> {
  const config = clientConfig(connection);
  const producer = new Kafka({ ...config, retry: { ...config.retry, retries: 5 } }).producer();
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
  } finally {
    await producer.disconnect();
  }
}

/** All that is in a topic's only partition now. */
export async function readValues(connection: KafkaConnection, topic: string): Promise<string[]> {
  const kafka = new Kafka(clientConfig(connection));
  const lastOffset = (await endOffset(kafka, topic)) - 1;
  const consumer = kafka.consumer({ groupId: `${topic}-readers`, maxWaitTimeInMs: 100 });
  const values: string[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = ({ message }: EachMessagePayload): Promise<void> => {
        values.push(message.value?.toString() ?? 'null');
        if (Number(message.offset) >= lastOffset) resolve();
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return values;
}

async function endOffset(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const [partition] = await admin.fetchTopicOffsets(topic);
    return Number(partition?.high);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Sends the numbers from 0 on, one at a time, and notes which were acknowledged. One that fails is not sent again; the next
 * goes by a new producer. Because kafkajs, when a request times out, asks the same broker again, as often as it is to
 * retry, and not who leads the partition now. A broker that is killed closes its connections; one that stands still would
 * hold up a patient producer for minutes.
 */
export class NumberSender {
  private readonly acknowledged: string[] = [];
  private stopping = false;
  private readonly done: Promise<void>;
  private waiting: { count: number; resolve: () => void } | null = null;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly topic: string,
  ) {
    this.done = this.run();
  }

  /** Resolves when so many more than now are acknowledged. */
  acknowledgedMore(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = { count: this.acknowledged.length + count, resolve };
    });
  }

  /** Returns what was acknowledged. For a test that fails, too: it would go on sending. */
  async stop(): Promise<readonly string[]> {
    this.stopping = true;
    await this.done;
    return this.acknowledged;
  }

  private async run(): Promise<void> {
    let producer: Producer | null = null;
    for (let number = 0; !this.stopping; number++) {
      try {
        producer ??= await this.newProducer();
        await producer.send({ topic: this.topic, acks: -1, messages: [{ value: String(number) }] });
        this.note(String(number));
      } catch {
        await producer?.disconnect();
        producer = null;
        await sleep(AFTER_FAILURE_MS);
      }
    }
    await producer?.disconnect();
  }

  private async newProducer(): Promise<Producer> {
    const config = clientConfig(this.connection);
    const impatient = { ...config, requestTimeout: 1_000, retry: { ...config.retry, retries: 1 } };
    const producer = new Kafka(impatient).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    return producer;
  }

  private note(value: string): void {
    this.acknowledged.push(value);
    if (this.waiting !== null && this.acknowledged.length >= this.waiting.count) this.waiting.resolve();
  }
}
