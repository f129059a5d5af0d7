import { createHash } from 'node:crypto';
import { RefusedToken } from '../../auth/refused-token.ts';
import type { Clock } from '../../clock/clock.ts';
import { tooMany } from '../matrix-error.ts';
import { addressKey } from './client-address.ts';
import { TokenBuckets } from './token-buckets.ts';

/** How many seconds' worth of bad tokens an address can try at once. */
const BURST_S = 60;
const REMEMBERED_MAX = 10_000;

/**
 * How many tokens that turn out bad an address can try, so that none can be guessed. Once there were too many, it is told
 * nothing of any token for a while, not even of a good one. The same bad token again is no new guess, and costs nothing.
 */
export class RefusalLimits {
  private readonly buckets: TokenBuckets | null;
  /** Address and token of the last refusals, hashed. */
  private readonly remembered = new Set<string>();

  /** `perSecond` 0: no limit. `limited` is called for each request that is refused. */
  constructor(
    clock: Clock,
    perSecond: number,
    private readonly limited: () => void = () => undefined,
  ) {
    this.buckets = perSecond === 0 ? null : new TokenBuckets(clock, perSecond, Math.max(1, perSecond * BURST_S));
  }

  /** Throws 429 with Retry-After when the address has tried too many. To be called before a token is looked at. */
  require(address: string): void {
    const waitMs = this.buckets?.wait(addressKey(address)) ?? 0;
    if (waitMs === 0) return;
    this.limited();
    throw tooMany('Too many bad tokens came from your address. Wait, and send a good one.', waitMs);
  }

  /** Counts the token if this error, any that the request ended with, says that it is a bad one. */
  note(address: string, token: string | null, error: unknown): void {
    if (this.buckets === null || token === null || !(error instanceof RefusedToken)) return;
    const key = addressKey(address);
    const attempt = createHash('sha256').update(`${key} ${token}`).digest('base64');
    if (!this.remembered.delete(attempt)) this.buckets.charge(key);
    this.remembered.add(attempt);
    for (const oldest of this.remembered) {
      if (this.remembered.size <= REMEMBERED_MAX) break;
      this.remembered.delete(oldest);
    }
  }

  /**
   * Both around `ask`, which looks at the token. For what does not come by a route, such as a WebSocket's first frame; on
   * routes it is done for all.
   */
  async guard<Answer>(address: string, token: string | null, ask: () => Promise<Answer>): Promise<Answer> {
    this.require(address);
    try {
      return await ask();
    } catch (error) {
      this.note(address, token, error);
      throw error;
    }
  }
}
