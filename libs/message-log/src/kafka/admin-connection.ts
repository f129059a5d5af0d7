import type { Admin, Kafka } from 'kafkajs';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';

/** What a broker says that does not lead a partition any more, or not yet. */
const STALE = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION']);
/** A broker that is gone is still named by the others for a while. */
const ASK_MS_MAX = 10_000;
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
    const until = this.clock.elapsed() + ASK_MS_MAX;
    for (;;) {
      this.admin ??= this.connect();
      const { admin } = this;
      try {
        return await question(await admin);
      } catch (error) {
        if (this.admin === admin) await this.close();
        if (this.clock.elapsed() >= until || !isPassing(error)) throw error;
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

/** Whether asking again, of others perhaps, may help. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('retriable' in error && error.retriable === true) return true;
  if ('type' in error && STALE.has(String(error.type))) return true;
  return isPassing(error.cause);
}
