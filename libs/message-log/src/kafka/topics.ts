import type { ITopicConfig } from 'kafkajs';
import kafkajs from 'kafkajs';
import { LogConfigError } from '../errors.ts';
import type { MessageLog, Topic } from '../message-log.ts';
import { TOPICS } from '../message-log.ts';
import type { AdminConnection } from './admin-connection.ts';

export interface TopicsWanted {
  readonly prefix: string;
  readonly partitionCount: number;
  /** -1: as the brokers are configured. */
  readonly replicationFactor: number;
  readonly kind: MessageLog['kind'];
  /** How long events and dead letters are kept, milliseconds; -1: for ever. */
  readonly retentionMs: number;
}

/** A user with all the devices and connections that one may have, or a dead letter with all that it quotes. */
const LARGE_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Kafka's own default. A dead letter quotes its record in JSON, which can take six times as much, and has to fit. */
const EVENT_BATCH_BYTES = 1_048_588;

export const topicName = (prefix: string, topic: Topic): string => `${prefix}${topic}`;

/** Settings that the log relies on. They are checked at each start. */
function reliedOn(topic: Topic, kind: MessageLog['kind']): Record<string, string> {
  const timestamps = topic === 'events' && kind === 'archive' ? 'CreateTime' : 'LogAppendTime';
  return {
    'message.timestamp.type': timestamps,
    'cleanup.policy': topic === 'state' ? 'compact' : 'delete',
    ...(topic === 'events'
      ? {
          'max.message.bytes': String(EVENT_BATCH_BYTES),
          // The brokers unpack what upstreams compress: kafkajs knows gzip only, and stops for good at anything else. And the
          // limit is then one of what a record holds, not of what it was compressed to.
          'compression.type': 'uncompressed',
        }
      : { 'max.message.bytes': String(LARGE_MESSAGE_BYTES) }),
  };
}

/** Settings of a new topic that an operator may change. */
function defaults(topic: Topic, { retentionMs, replicationFactor }: TopicsWanted): Record<string, string> {
  return {
    ...(replicationFactor >= 3 ? { 'min.insync.replicas': '2' } : {}),
    // Small segments, because what is in the last one is never compacted.
    ...(topic === 'state'
      ? { 'segment.bytes': String(16 * 1024 * 1024), 'min.cleanable.dirty.ratio': '0.1' }
      : { 'retention.ms': String(retentionMs) }),
  };
}

/** Makes the topics that are not there. Returns whether it made any. */
export async function createTopics(admin: AdminConnection, wanted: TopicsWanted): Promise<boolean> {
  const topics = TOPICS.map((topic): ITopicConfig => {
    const config = { ...reliedOn(topic, wanted.kind), ...defaults(topic, wanted) };
    return {
      topic: topicName(wanted.prefix, topic),
      numPartitions: wanted.partitionCount,
      replicationFactor: wanted.replicationFactor,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    };
  });
  return admin.ask((connected) => connected.createTopics({ topics, waitForLeaders: true }));
}

/** Checks the topics, and returns how many partitions they have. Throws a `LogConfigError` that says how to mend what is wrong. */
export async function checkTopics(admin: AdminConnection, prefix: string): Promise<number> {
  const names = TOPICS.map((topic) => topicName(prefix, topic));
  const existing = new Set(await admin.ask((connected) => connected.listTopics()));
  const missing = names.filter((name) => !existing.has(name));
  if (missing.length > 0) {
    throw new LogConfigError(`Kafka has no topic ${missing.join(', ')}: make them with \`presently topics create\`.`);
  }
  const { topics } = await admin.ask((connected) => connected.fetchTopicMetadata({ topics: names }));
  const counts = topics.map(({ name, partitions }) => `${name} has ${partitions.length}`);
  const [partitionCount = 0, ...others] = topics.map(({ partitions }) => partitions.length);
  if (others.some((count) => count !== partitionCount)) {
    throw new LogConfigError(
      `The topics must have the same number of partitions, but ${counts.join(', ')}: ` +
        `replay the events into new topics under another prefix.`,
    );
  }
  return partitionCount;
}

/** Checks the settings that the log relies on. Throws a `LogConfigError` that names them all and says how to mend them. */
export async function checkSettings(admin: AdminConnection, prefix: string, kind: MessageLog['kind']): Promise<void> {
  const resources = TOPICS.map((topic) => ({
    type: kafkajs.ConfigResourceTypes.TOPIC,
    name: topicName(prefix, topic),
  }));
  const described = await admin.ask((connected) => connected.describeConfigs({ resources, includeSynonyms: false }));
  const faults = TOPICS.flatMap((topic) => {
    const name = topicName(prefix, topic);
    const entries = described.resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    return Object.entries(reliedOn(topic, kind)).flatMap(([setting, value]) => {
      const found = entries.find(({ configName }) => configName === setting)?.configValue;
      const mayBeMore = setting === 'max.message.bytes' && topic !== 'events';
      if (found === value || (mayBeMore && Number(found) >= Number(value))) return [];
      return [
        `  - ${name}: ${setting} is ${found}; kafka-configs --alter --topic ${name} --add-config ${setting}=${value}`,
      ];
    });
  });
  if (faults.length > 0) throw new LogConfigError(`Kafka’s topics are not as they must be:\n${faults.join('\n')}`);
}
