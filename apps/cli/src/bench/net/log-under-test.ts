import { writeGenesis } from '#message-log/genesis';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import type { MessageLog } from '#message-log/message-log';
import { LIVE_POLICY } from '#domain/policy';
import { freshId } from '#runtime/clock/chance';
import { systemClock } from '#runtime/clock/system-clock';
import { ConfigError } from '#runtime/config';
import { readKafkaConfig } from '#runtime/kafka-config';
import { CLI, ended, startChild } from './child.ts';

/** A new log, to which a process is to write. */
export interface LogUnderTest {
  /** With which a process finds it, as the commands do. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How many events it has, besides those with which it was made. */
  count(): Promise<number>;
}

export async function embeddedLog(directory: string): Promise<LogUnderTest> {
  const log = LmdbLog.open({ directory, clock: systemClock });
  await writeGenesis(log, LIVE_POLICY);
  await log.close();
  return {
    args: [directory],
    env: {},
    count: () => eventsOf(LmdbLog.open({ directory, clock: systemClock, readOnly: true })),
  };
}

export async function kafkaLog(brokers: readonly string[]): Promise<LogUnderTest> {
  const prefix = `bench-${freshId()}.`;
  const env = { KAFKA_BROKERS: brokers.join(','), PRESENTLY_TOPIC_PREFIX: prefix };
  await ended(startChild(CLI, ['topics', 'create'], env, ['ignore', 'ignore', 'inherit', 'ipc']));
  return { args: [], env, count: async () => eventsOf(await openKafkaLog(env.KAFKA_BROKERS, prefix)) };
}

async function openKafkaLog(brokers: string, prefix: string): Promise<MessageLog> {
  const connection = readKafkaConfig({ ...process.env, KAFKA_BROKERS: brokers });
  if (connection === null) throw new ConfigError('KAFKA_BROKERS is not set.');
  const { KafkaLog } = await import('#message-log/kafka/kafka-log'); // only when it is needed, as everywhere
  return KafkaLog.open({ ...connection, prefix, clock: systemClock });
}

async function eventsOf(log: MessageLog): Promise<number> {
  let count = 0;
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { next } = await log.range('events', partition);
    count += next - 1; // the policy
  }
  await log.close();
  return count;
}
