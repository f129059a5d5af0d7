import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka } from 'kafkajs';
import { ask, untilItWorks } from './ask.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { clientConfig } from './kafka-connection.ts';

const TOPIC = 'presently-ready';
/** In a row, each from whichever broker: one that stood still first tells what it knew before. */
const COMPLETE_ANSWERS_MIN = 5;
const BETWEEN_ANSWERS_MS = 50;

export interface Expected {
  readonly brokerCount: number;
  /** How many partitions the topics of transactions and of offsets have. */
  readonly coordinatorCount: number;
  /** Why waiting is in vain; null while it is not. */
  readonly isLost: () => string | null;
}

/**
 * Resolves when all works that a client may ask for: every broker answers, each coordinator takes a transaction with offsets,
 * and each partition of each topic is complete (what a broker missed while it was away, it has caught up with). An open
 * port means little, and even the first transaction may fail: a coordinator loads after it was found, and sendOffsets of
 * kafkajs doesn't try again.
 */
export async function ready(connection: KafkaConnection, expected: Expected): Promise<void> {
  const { brokerCount, coordinatorCount, isLost } = expected;
  const until = (attempt: () => Promise<unknown>): Promise<unknown> => untilItWorks(attempt, isLost);
  await Promise.all(connection.brokers.map((broker) => until(() => answers(connection, broker))));
  await until(() => makeTopic(connection, brokerCount));
  // Ids that differ by one in their last character are on partitions that differ by one: so each has one.
  const ids = Array.from({ length: coordinatorCount }, (_, at) => `${TOPIC}-${at}`);
  await Promise.all(ids.map((id) => until(() => transact(connection, id))));
  await until(() => isComplete(connection, brokerCount > 1 ? COMPLETE_ANSWERS_MIN : 1));
}

function answers(connection: KafkaConnection, broker: string): Promise<unknown> {
  return ask({ ...connection, brokers: [broker] }, (admin) => admin.describeCluster());
}

/** Fails until there are as many brokers as it is to have copies. */
function makeTopic(connection: KafkaConnection, replicationFactor: number): Promise<unknown> {
  const topic = { topic: TOPIC, numPartitions: 1, replicationFactor };
  return ask(connection, (admin) => admin.createTopics({ topics: [topic] }));
}

async function transact(connection: KafkaConnection, id: string): Promise<void> {
  const config = clientConfig(connection);
  const kafka = new Kafka({ ...config, retry: { ...config.retry, retries: 10, maxRetryTime: 200 } });
  const producer = kafka.producer({ transactionalId: id, idempotent: true, maxInFlightRequests: 1 });
  try {
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: TOPIC, messages: [{ value: id }] });
    const offsets = [{ topic: TOPIC, partitions: [{ partition: 0, offset: '1' }] }];
    await transaction.sendOffsets({ consumerGroupId: id, topics: offsets });
    await transaction.commit();
  } finally {
    await producer.disconnect();
  }
}

async function isComplete(connection: KafkaConnection, answersMin: number): Promise<void> {
  for (let answer = 0; answer < answersMin; answer++) {
    if (answer > 0) await sleep(BETWEEN_ANSWERS_MS);
    const { topics } = await ask(connection, (admin) => admin.fetchTopicMetadata());
    const missing = topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ isr, replicas, leader }) => leader < 0 || isr.length < replicas.length)
        .map(({ partitionId }) => `${name}/${partitionId}`),
    );
    if (missing.length > 0) throw new Error(`Not all copies are up to date of ${missing.join(', ')}`);
  }
}
