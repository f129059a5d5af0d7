import type { Clock } from '#runtime/clock/clock';
import { TokenBuckets } from '#runtime/http/limits/token-buckets';
import { tooMany } from '#runtime/http/matrix-error';

const FRAMES_PER_S = 20;
const FRAMES_BURST = 100;
/** Of activity only the latest counts, so more of it does no harm; but reading it takes time, too. */
const ALL_FRAMES_PER_S = 200;
const ALL_FRAMES_BURST = 1_000;

/** How many frames a client can send. Each connection is a key. */
export class FrameLimits {
  private readonly all: TokenBuckets;
  private readonly notActive: TokenBuckets;

  constructor(clock: Clock) {
    this.all = new TokenBuckets(clock, ALL_FRAMES_PER_S, ALL_FRAMES_BURST);
    this.notActive = new TokenBuckets(clock, FRAMES_PER_S, FRAMES_BURST);
  }

  /** Counts a frame, before it is read. Throws 429 when there were too many. */
  take(key: string): void {
    takeFrom(this.all, key);
  }

  /** Counts a frame that is not activity, besides. Throws 429 when there were too many. */
  takeNotActive(key: string): void {
    takeFrom(this.notActive, key);
  }
}

function takeFrom(buckets: TokenBuckets, key: string): void {
  const waitMs = buckets.take(key);
  if (waitMs > 0) throw tooMany('You send too many frames.', waitMs);
}
