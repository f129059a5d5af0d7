import type { Clock } from '../../clock/clock.ts';

interface Bucket {
  readonly tokens: number;
  /** When `tokens` was true, milliseconds. */
  readonly at: number;
}

const KEYS_MAX = 100_000;
/** Sums of fractions are off by less. */
const EPSILON = 1e-6;

/**
 * A token bucket for each key: it holds `burst`, and fills by `perSecond`. A full one is like one that was never made, so
 * only those used lately are kept; of more than `keysMax` the one that was used longest ago is dropped.
 */
export class TokenBuckets {
  /** In the order of their last use. */
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly keysMax = KEYS_MAX,
  ) {}

  get size(): number {
    return this.buckets.size;
  }

  /** Takes one. Returns 0, or, when there is none, takes nothing and returns after how many milliseconds there will be. */
  take(key: string): number {
    const tokens = this.tokens(key);
    if (tokens < 1 - EPSILON) return this.msUntilOne(tokens);
    this.put(key, tokens - 1);
    return 0;
  }

  /** What `take` would return; takes nothing. */
  wait(key: string): number {
    const tokens = this.tokens(key);
    return tokens < 1 - EPSILON ? this.msUntilOne(tokens) : 0;
  }

  /** Takes one even when there is none: for what is counted only after it was done. A bucket owes at most `burst`. */
  charge(key: string): void {
    this.put(key, Math.max(-this.burst, this.tokens(key) - 1));
  }

  private tokens(key: string): number {
    const bucket = this.buckets.get(key);
    if (bucket === undefined) return this.burst;
    return Math.min(this.burst, bucket.tokens + ((this.clock.elapsed() - bucket.at) / 1_000) * this.perSecond);
  }

  private put(key: string, tokens: number): void {
    this.buckets.delete(key);
    this.buckets.set(key, { tokens, at: this.clock.elapsed() });
    this.dropFull();
  }

  /** Those used longest ago are full first, or nearly so, and each is dropped only once: a put takes no longer for many. */
  private dropFull(): void {
    for (const key of this.buckets.keys()) {
      if (this.buckets.size <= this.keysMax && this.tokens(key) < this.burst) return;
      this.buckets.delete(key);
    }
  }

  private msUntilOne(tokens: number): number {
    return Math.ceil(((1 - tokens) / this.perSecond) * 1_000 - EPSILON);
  }
}
