import { randomInt } from 'node:crypto';
import type { KafkaConfig } from 'kafkajs';
import { logLevel } from 'kafkajs';

/** How to reach a Kafka. JSON, and as it stands a part of kafkajs' configuration. */
export interface KafkaConnection {
  readonly brokers: string[];
  readonly sasl?: { readonly mechanism: 'plain'; readonly username: string; readonly password: string };
  readonly ssl?: { readonly ca: string };
}

/** Configuration for a client of a test's own. Silent: what kafkajs logs of a killed broker is what the test wants. */
export function clientConfig(connection: KafkaConnection): KafkaConfig {
  return {
    ...connection,
    // kafkajs begins with the first, and stays with it when it connects but doesn't answer.
    brokers: () => shuffled(connection.brokers),
    clientId: 'presently-test',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    // Always explicit: under NODE_ENV=test kafkajs' defaults are others.
    retry: { initialRetryTime: 5, multiplier: 1.5, retries: 30, maxRetryTime: 1_000, factor: 0.2 },
  };
}

function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(randomInt(rest.length), 1));
}
