import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaConnection } from './kafka-connection.ts';

const COMPOSE_FILE = join(import.meta.dirname, '../../../docker-compose.yml');

export function composeFileExists(): boolean {
  return existsSync(COMPOSE_FILE);
}

/**
 * Starts the Kafka of docker-compose.yml and resolves when it takes transactions. The one place that knows Docker: whoever
 * writes the compose file fills it in, and has it end with the run, as the brokers do that we start ourselves.
 */
export function startDockerKafka(): Promise<KafkaConnection> {
  return Promise.reject(
    new Error(
      'Starting Kafka by docker-compose.yml is not written yet: install JDK 17 and Maven, or start a Kafka and set KAFKA_BROKERS.',
    ),
  );
}
