import type { PresenceEvent } from '#domain/events';
import { SourceLease } from '#delivery/devices/source-lease';
import type { EventWriter } from '#service/writing/event-writer';
import { isFinal } from '#service/writing/event-writer';
import { Backoff } from '#runtime/clock/backoff';
import { freshId } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Log } from '#runtime/log';
import { Crowd } from './crowd.ts';
import { SECOND } from './durations.ts';

/** Always the same, so that a crowd finds its own rooms and statuses in the log of an earlier one. */
const SEED = 1;
const EVENTS_PER_WRITE_MAX = 1_000;
const LEASE_TTL_MS = 15 * SECOND;

/** Lets a synthetic crowd live on this server: its events go the way that an upstream service's go. */
export class Demo {
  private readonly stopping = new AbortController();
  private living: Promise<void> | null = null;
  private lease: SourceLease | null = null;

  constructor(
    private readonly writer: EventWriter,
    private readonly clock: Clock,
    private readonly logger: Log,
    private readonly users: number,
  ) {}

  start(): void {
    this.living ??= this.live();
  }

  /** Ends the crowd's connections: its people go offline, as when a gateway is shut down. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.living;
    if (this.lease === null) return;
    // Once only: if it cannot be written, the lease ends by itself.
    await this.writer.write([this.lease.gone()]).catch((error: unknown) => this.warn(error));
    this.lease = null;
  }

  private async live(): Promise<void> {
    // After a pause that outlasted the lease, as when the machine slept, a new crowd comes: just as after a restart.
    while (!this.stopping.signal.aborted) {
      this.lease = new SourceLease(freshId(), LEASE_TTL_MS);
      await this.liveUnder(this.lease);
    }
  }

  /** Lets a crowd live until the lease of its source is over, or the demo stops. */
  private async liveUnder(lease: SourceLease): Promise<void> {
    const { clock } = this;
    const { signal } = this.stopping;
    const crowd = new Crowd({ seed: SEED, startAt: clock.now(), users: this.users, sourceId: lease.sourceId });
    for (let events = crowd.opening(); ; events = crowd.eventsUntil(clock.now())) {
      await this.write(events, lease);
      await sleep(clock, Math.max(0, Math.min(crowd.nextAt() - clock.now(), lease.renewAt - clock.elapsed())), signal);
      if (signal.aborted || lease.isOver(clock.elapsed())) return;
    }
  }

  /** Writes the events, and renews the lease when that is due, be it between two of many writes. */
  private async write(events: readonly PresenceEvent[], lease: SourceLease): Promise<void> {
    const { signal } = this.stopping;
    const backoff = new Backoff();
    for (let at = 0; !signal.aborted && !lease.isOver(this.clock.elapsed());) {
      const sentAt = this.clock.elapsed();
      const isRenewal = lease.isDue(sentAt);
      const part: PresenceEvent[] = events.slice(at, at + EVENTS_PER_WRITE_MAX);
      if (isRenewal) part.unshift(lease.alive());
      if (part.length === 0) return;
      try {
        const written = await this.writer.append(part);
        at += EVENTS_PER_WRITE_MAX;
        if (isRenewal) lease.renewed(sentAt, this.clock.elapsed(), written);
      } catch (error) {
        this.warn(error);
        if (isFinal(error)) return this.giveUp();
        await sleep(this.clock, backoff.next(), signal);
      }
    }
  }

  private giveUp(): void {
    this.logger.error('demo.ended', { reason: 'its events are refused' });
    this.stopping.abort();
  }

  private warn(error: unknown): void {
    this.logger.warn('demo.write.failed', { error: (error as Error).message });
  }
}
