import type { Kafka, KafkaConfig, SASLOptions } from 'kafkajs';
import kafkajs from 'kafkajs'; // as a whole: node finds only some of the names that this CommonJS module exports
import { fraction } from '#runtime/clock/chance';
import './kafkajs-repairs.ts';

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: SASLOptions;
}

/** Retries of what a client waits for: about ten seconds, in which a partition finds another leader. */
const RETRIES = 20;

/**
 * A kafkajs client with settings that were measured here. On the client and not on its producers, because its transaction
 * manager uses the client's; always explicit, because under NODE_ENV=test the defaults differ. It logs nothing: whatever
 * fails rejects, or ends a membership.
 */
export function kafkaClient({ brokers, clientId, ssl, sasl }: KafkaConnection): Kafka {
  return new kafkajs.Kafka({
    // In another order each time: kafkajs never gets past the first of them if that one hangs.
    brokers: () => shuffled(brokers),
    clientId,
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    retry: { initialRetryTime: 5, multiplier: 1.5, retries: RETRIES, maxRetryTime: 1_000, factor: 0.2 },
    logLevel: kafkajs.logLevel.NOTHING,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}

function shuffled(brokers: readonly string[]): string[] {
  const first = Math.floor(fraction() * brokers.length);
  return [...brokers.slice(first), ...brokers.slice(0, first)];
}
