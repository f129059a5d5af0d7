import type { EventWriter } from '#ingest/event-writer';
import { Backoff } from '#runtime/clock/backoff';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Log } from '#runtime/log';
import { Crowd } from './crowd.ts';

const SEED = 1;
const EVENTS_PER_WRITE_MAX = 1_000;

/** Lets a synthetic crowd live on this server: its events go the way that an upstream service's go. */
export class Demo {
  private readonly stopping = new AbortController();
  private living: Promise<void> | null = null;

  constructor(
    private readonly writer: EventWriter,
    private readonly clock: Clock,
    private readonly logger: Log,
    private readonly users: number,
  ) {}

  start(): void {
    this.living ??= this.live();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.living;
  }

  private async live(): Promise<void> {
    const { signal } = this.stopping;
    const crowd = new Crowd({ seed: SEED, startAt: this.clock.now(), users: this.users });
    await this.write(crowd.opening());
    while (!signal.aborted) {
      await sleep(this.clock, Math.max(0, crowd.nextAt() - this.clock.now()), signal);
      await this.write(crowd.eventsUntil(this.clock.now()));
    }
  }

  private async write(events: readonly unknown[]): Promise<void> {
    const backoff = new Backoff();
    for (let at = 0; at < events.length && !this.stopping.signal.aborted;) {
      try {
        await this.writer.write(events.slice(at, at + EVENTS_PER_WRITE_MAX));
        at += EVENTS_PER_WRITE_MAX;
      } catch (error) {
        this.logger.warn('demo.write.failed', { error: (error as Error).message });
        await sleep(this.clock, backoff.next(), this.stopping.signal);
      }
    }
  }
}
