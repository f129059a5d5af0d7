import type { Message, ProducerBatch, RecordMetadata } from 'kafkajs';

/** A producer, or a transaction of one. */
export interface Sender {
  sendBatch(batch: ProducerBatch): Promise<RecordMetadata[]>;
}

/**
 * Sends messages to one partition, and returns the offset of the first, and the time that the broker gave them (-1: it took
 * theirs). Never to more partitions at once: when kafkajs tries
 * again because a partition has found another leader, it takes what a broker has answered for what all its partitions need,
 * so that some are never sent, and others twice; and says that all went well.
 */
export async function sendTo(
  sender: Sender,
  topic: string,
  partition: number,
  messages: readonly Message[],
): Promise<{ offset: number; timestamp: number }> {
  const topicMessages = [{ topic, messages: messages.map((message) => ({ ...message, partition })) }];
  const [sent] = await sender.sendBatch({ acks: -1, topicMessages });
  if (sent?.baseOffset === undefined) throw new Error(`The brokers have not said where in ${topic} the records are.`);
  return { offset: Number(sent.baseOffset), timestamp: Number(sent.logAppendTime ?? -1) };
}
