import type { Admin, Kafka } from 'kafkajs';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';

/** What a broker says that does not lead a partition any more, or not yet. */
const STALE = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION']);
const TRIES_MAX = 30;
const RETRY_MS = 200;

/**
 * Asks brokers about topics. kafkajs goes on asking whoever led a partition once, so when that one has nothing to say any
 * more, a new connection finds out who does.
 */
export class AdminConnection {
  private admin: Promise<Admin> | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly clock: Clock,
  ) {}

  async ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      this.admin ??= this.connect();
      const { admin } = this;
      try {
        return await question(await admin);
      } catch (error) {
        if (this.admin === admin) await this.close();
        if (tries === TRIES_MAX || !isStale(error)) throw error;
        await sleep(this.clock, RETRY_MS);
      }
    }
  }

  async close(): Promise<void> {
    const { admin } = this;
    this.admin = null;
    await admin?.then((connected) => connected.disconnect()).catch(() => undefined); // it was of no more use anyway
  }

  private async connect(): Promise<Admin> {
    const admin = this.kafka.admin();
    await admin.connect();
    return admin;
  }
}

function isStale(error: unknown): boolean {
  return error instanceof Error && 'type' in error && STALE.has(String(error.type));
}
