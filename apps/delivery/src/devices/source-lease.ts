import type { EventOf } from '#domain/events';

/** A lease is renewed so often before it ends, so that one renewal may fail. */
const RENEWALS_PER_TTL = 3;

/** The lease of this node's source, as the one who has to renew it sees it. Times are milliseconds. */
export class SourceLease {
  /** When it is to be renewed: at once, at first. */
  renewAt = -Infinity;
  private renewedAt = -Infinity;
  private endsAt = Infinity;

  constructor(
    readonly sourceId: string,
    private readonly ttlMs: number,
  ) {}

  /** Whether it is to be renewed now, also because the clock was set back: the log's was perhaps not. */
  isDue(now: number): boolean {
    return now >= this.renewAt || now < this.renewedAt;
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
   * It was renewed by what was sent at `sentAt`; the log's time is that or later. Not when that is known only after it had
   * ended: the log may have taken its devices away in between.
   */
  renewed(sentAt: number, now: number): void {
    if (this.isOver(now)) return;
    this.renewedAt = sentAt;
    this.renewAt = sentAt + Math.floor(this.ttlMs / RENEWALS_PER_TTL);
    this.endsAt = sentAt + this.ttlMs;
  }
}
