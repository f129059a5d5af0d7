import type { EventOf } from '#domain/events';
import { SECOND } from './durations.ts';

export const LEASE_TTL_MS = 15 * SECOND;
export const RENEW_EVERY_MS = 5 * SECOND;

/** The lease of a source, as the one who has to renew it sees it. Times are milliseconds. */
export class Lease {
  /** When it is to be renewed: at once, at first. */
  renewAt = -Infinity;
  private endsAt = Infinity;

  constructor(readonly sourceId: string) {}

  /** Whether it was not renewed in time: then its source has to take a new id (semantics, section 4). */
  isOver(now: number): boolean {
    return now >= this.endsAt;
  }

  /** What renews it. */
  alive(): EventOf<'source.alive'> {
    return { type: 'source.alive', source_id: this.sourceId, ttl_ms: LEASE_TTL_MS };
  }

  /** What ends it. */
  gone(): EventOf<'source.gone'> {
    return { type: 'source.gone', source_id: this.sourceId };
  }

  /** It was renewed by what was sent at `sentAt`; the log's time is that or later. */
  renewed(sentAt: number): void {
    this.renewAt = sentAt + RENEW_EVERY_MS;
    this.endsAt = sentAt + LEASE_TTL_MS;
  }
}
