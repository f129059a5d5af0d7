import type { Clock } from '../../clock/clock.ts';
import { tooMany } from '../matrix-error.ts';
import { TokenBuckets } from './token-buckets.ts';

/** How many seconds' worth of writes a user can do at once. */
const BURST_S = 5;

/** How fast a user can write: statuses, lists, visibility, frames of a WebSocket. */
export class WriteLimits {
  private readonly buckets: TokenBuckets | null;

  /** `perSecond` 0: no limit. `limited` is called for each write that is refused. */
  constructor(
    clock: Clock,
    perSecond: number,
    private readonly limited: () => void = () => undefined,
  ) {
    this.buckets = perSecond === 0 ? null : new TokenBuckets(clock, perSecond, Math.max(1, perSecond * BURST_S));
  }

  /** Counts a write of the user. Throws 429 with Retry-After when there were too many. */
  take(userId: string): void {
    const waitMs = this.buckets?.take(userId) ?? 0;
    if (waitMs === 0) return;
    this.limited();
    throw tooMany('You write too often. Wait, and send it again.', waitMs);
  }
}
