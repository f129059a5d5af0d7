import type { EventOf } from '#domain/events';
import type { Appended } from '#message-log/message-log';

/** A lease is renewed so often before it ends, so that one renewal may fail. */
const RENEWALS_PER_TTL = 3;

/**
 * The lease of this node's source, as the one who has to renew it sees it. Times are milliseconds of a clock's `elapsed`, but
 * those of the log.
 */
export class SourceLease {
  /** When it is to be renewed: at once, at first. */
  renewAt = -Infinity;
  private endsAt = Infinity;
  /** By the log's time, and the earliest of its partitions. */
  private endsAtTs = Infinity;

  constructor(
    readonly sourceId: string,
    private readonly ttlMs: number,
  ) {}

  /** Whether it is to be renewed now. */
  isDue(now: number): boolean {
    return now >= this.renewAt;
  }

  /** Whether the log has a lease of it, as far as is known. */
  isRunning(now: number): boolean {
    return this.endsAt < Infinity && now < this.endsAt;
  }

  /** Whether it was not renewed in time: then its source has to take a new id (semantics, section 4). */
  isOver(now: number): boolean {
    return now >= this.endsAt;
  }

  /** What renews it. */
  alive(): EventOf<'source.alive'> {
    return { type: 'source.alive', source_id: this.sourceId, ttl_ms: this.ttlMs };
  }

  /** What ends it. */
  gone(): EventOf<'source.gone'> {
    return { type: 'source.gone', source_id: this.sourceId };
  }

  /**
   * It was renewed by what was sent at `sentAt` and is in the log now. Not when that is known only after it had ended, or when
   * the log's clock has gone on by more than the lease: the log may have taken its devices away in between.
   */
  renewed(sentAt: number, now: number, written: readonly Pick<Appended, 'timestamp'>[]): void {
    if (this.isOver(now)) return;
    const times = written.map(({ timestamp }) => timestamp);
    if (Math.max(...times) >= this.endsAtTs) {
      this.endsAt = now;
      return;
    }
    this.endsAtTs = Math.min(...times) + this.ttlMs;
    this.renewAt = sentAt + Math.floor(this.ttlMs / RENEWALS_PER_TTL);
    this.endsAt = sentAt + this.ttlMs;
  }
}
