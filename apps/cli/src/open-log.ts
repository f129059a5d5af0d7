import type { KafkaLogOptions } from '#message-log/kafka/kafka-log';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import type { MessageLog } from '#message-log/message-log';
import { systemClock } from '#runtime/clock/system-clock';
import type { Config } from '#runtime/config';
import { readConfig } from '#runtime/config';
import { readKafkaConfig } from '#runtime/kafka-config';

/** Partitions of a new log when nobody says how many. */
export const PARTITIONS = 4;

/** Where the log is, as the command line and the environment say. */
export interface LogPlace {
  readonly config: Config;
  /** Null: the log is embedded. */
  readonly kafka: KafkaLogOptions | null;
  /** For messages. */
  readonly name: string;
}

/** The place of the log: a directory that was named goes before Kafka. */
export function logPlace(data: string | undefined): LogPlace {
  const config = readConfig({ ...process.env, ...(data === undefined ? {} : { PRESENTLY_DATA: data }) });
  const connection = data === undefined ? readKafkaConfig(process.env) : null;
  if (connection === null) return { config, kafka: null, name: config.PRESENTLY_DATA };
  const prefix = config.PRESENTLY_TOPIC_PREFIX;
  return {
    config,
    kafka: { ...connection, prefix, clock: systemClock },
    name: `Kafka (topics ${prefix}events, …)`,
  };
}

/** Opens the log that is there for reading, also beside a running server. */
export async function openForReading({ config, kafka }: LogPlace): Promise<MessageLog> {
  if (kafka !== null) return openKafkaLog(kafka);
  return Promise.resolve(LmdbLog.open({ directory: config.PRESENTLY_DATA, clock: systemClock, readOnly: true }));
}

/** Opens the log that is there for writing; an embedded one only one process can. */
export async function openForWriting(place: LogPlace): Promise<MessageLog> {
  const { config, kafka } = place;
  if (kafka !== null) return openKafkaLog(kafka);
  await (await openForReading(place)).close(); // a log that is not there is an error, not made
  return LmdbLog.open({ directory: config.PRESENTLY_DATA, clock: systemClock });
}

/** Makes the log of an archive. An old one is opened, and is then not what was wanted. */
export async function openArchive({ config, kafka }: LogPlace): Promise<MessageLog & { discard(): Promise<void> }> {
  const { PRESENTLY_DATA: directory, PRESENTLY_PARTITIONS: partitionCount = PARTITIONS } = config;
  if (kafka === null) return LmdbLog.open({ directory, clock: systemClock, partitionCount, kind: 'archive' });
  const { createKafkaLog } = await import('#message-log/kafka/create-log');
  return createKafkaLog({ ...kafka, partitionCount, replicationFactor: -1, kind: 'archive', retentionMs: -1 });
}

/** Loads kafkajs only when it is needed: most commands are faster without. */
async function openKafkaLog(kafka: KafkaLogOptions): Promise<MessageLog> {
  const { KafkaLog } = await import('#message-log/kafka/kafka-log');
  return KafkaLog.open(kafka);
}
