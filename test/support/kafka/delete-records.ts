import { Kafka } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.ts';
import { clientConfig } from './kafka-connection.ts';

/** Deletes the records of a topic before an offset of each partition, as retention does. */
export async function deleteRecords(
  connection: KafkaConnection,
  topic: string,
  before: readonly { readonly partition: number; readonly offset: number }[],
): Promise<void> {
  const admin = new Kafka(clientConfig(connection)).admin();
  await admin.connect();
  try {
    await admin.fetchTopicOffsets(topic); // kafkajs does not find out by itself where the topic is
    const partitions = before.map(({ partition, offset }) => ({ partition, offset: String(offset) }));
    await admin.deleteTopicRecords({ topic, partitions });
  } finally {
    await admin.disconnect();
  }
}
