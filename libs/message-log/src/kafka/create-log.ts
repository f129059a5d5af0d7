import { freshId } from '#runtime/clock/chance';
import { LogConfigError } from '../errors.ts';
import { AdminConnection } from './admin-connection.ts';
import { AppendQueue } from './append-queue.ts';
import { kafkaClient } from './kafka-client.ts';
import { logError } from './kafka-errors.ts';
import type { KafkaLogOptions } from './kafka-log.ts';
import { KafkaLog } from './kafka-log.ts';
import { ORIGIN_PARTITION, originRecord } from './origin.ts';
import type { TopicsWanted } from './topics.ts';
import { checkTopics, createTopics, topicName } from './topics.ts';

export type NewKafkaLog = KafkaLogOptions & TopicsWanted;

/**
 * Makes the topics, and gives the log its id. What is there already is checked and left as it is. Returns the log, which
 * still lacks its policy (`writeGenesis`) when it is new. Throws as `KafkaLog.open` does.
 */
export async function createKafkaLog(options: NewKafkaLog): Promise<KafkaLog> {
  const kafka = kafkaClient(options);
  const admin = new AdminConnection(kafka, options.clock);
  const appends = new AppendQueue(kafka, options.clock);
  try {
    await createTopics(admin, options);
    const partitionCount = await checkTopics(admin, options.prefix);
    if (partitionCount !== options.partitionCount) {
      throw new LogConfigError(
        `The topics have ${partitionCount} partitions, and ${options.partitionCount} are wanted. Partitions are chosen ` +
          `once: for another number, replay the events into new topics under another prefix.`,
      );
    }
    const state = topicName(options.prefix, 'state');
    const offsets = await admin.ask((connected) => connected.fetchTopicOffsets(state));
    if (offsets.every(({ high }) => high === '0')) {
      const origin = originRecord({ logId: freshId(), kind: options.kind });
      await appends.append(state, [{ ...origin, partition: ORIGIN_PARTITION }]);
    }
    return await KafkaLog.open(options);
  } catch (error) {
    throw logError(error, `at ${options.brokers.join(', ')} cannot be used`);
  } finally {
    await appends.close();
    await admin.close();
  }
}
