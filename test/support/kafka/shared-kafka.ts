import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDockerKafka } from './docker-kafka.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import type { KafkaSource } from './kafka-source.ts';
import { makeOnce } from './make-once.ts';
import { currentRun } from './run-directory.ts';
import { startKafkaCluster } from './start-kafka-cluster.ts';

/** The Kafka of all suites of a run. The first that asks starts it; it ends with the run. */
export async function sharedKafka(source: KafkaSource): Promise<KafkaConnection> {
  if (source.kind === 'none') throw new Error(`There is no Kafka: ${source.missing}`);
  if (source.kind === 'given') return { brokers: [...source.brokers] };
  const directory = join(currentRun().directory, 'shared');
  const file = 'connection.json';
  await makeOnce(directory, async (draft) => {
    const connection = source.kind === 'maven' ? (await startKafkaCluster()).connection : await startDockerKafka();
    writeFileSync(join(draft, file), JSON.stringify(connection));
  });
  return JSON.parse(readFileSync(join(directory, file), 'utf8')) as KafkaConnection;
}

/** To be put before the names of topics, groups and transactional ids, so that no two tests meet. */
export function freshPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}-`;
}
