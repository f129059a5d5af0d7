import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { Kafka } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.ts';
import { clientConfig } from './kafka-connection.ts';

const POLL_MS = 50;
const WAIT_MS_MAX = 60_000;
const ANSWER_MS_MAX = 2_000;

/** Asks some broker once, and fails soon: by itself kafkajs would go on asking the one that doesn't answer. */
export async function ask<T>(connection: KafkaConnection, question: (admin: Admin) => Promise<T>): Promise<T> {
  const config = clientConfig(connection);
  const impatient = { ...config, connectionTimeout: 1_000, requestTimeout: ANSWER_MS_MAX };
  const admin = new Kafka({ ...impatient, retry: { ...config.retry, retries: 0 } }).admin();
  try {
    await admin.connect();
    return await question(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Tries until it succeeds, for a minute at most. `isVain` tells why no later try will, or null. */
export async function untilItWorks<T>(attempt: () => Promise<T>, isVain: () => string | null = () => null): Promise<T> {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const vain = isVain();
      if (vain !== null) throw new Error(vain, { cause: error });
      if (Date.now() > deadline) {
        throw new Error(`It did not work for ${WAIT_MS_MAX} ms: ${(error as Error).message}`, { cause: error });
      }
      await sleep(POLL_MS);
    }
  }
}
