const BUCKETS_PER_MS = 20;
const MS_MAX = 60_000;

/** Quantiles of times, in milliseconds. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Counts times in buckets of a twentieth of a millisecond: millions of them cost no memory. */
export class Histogram {
  private readonly buckets = new Uint32Array(MS_MAX * BUCKETS_PER_MS);
  /** How many were added. */
  count = 0;
  private max = 0;

  add(ms: number): void {
    const bucket = Math.min(this.buckets.length - 1, Math.max(0, Math.floor(ms * BUCKETS_PER_MS)));
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.count++;
    if (ms > this.max) this.max = ms;
  }

  clear(): void {
    this.buckets.fill(0);
    this.count = 0;
    this.max = 0;
  }

  quantiles(): Quantiles {
    const { count, max } = this;
    return { count, p50: this.quantile(0.5), p99: this.quantile(0.99), p999: this.quantile(0.999), max };
  }

  /** The upper end of the bucket in which the quantile lies. */
  private quantile(q: number): number {
    let left = q * this.count;
    for (const [bucket, count] of this.buckets.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return Math.min(this.max, (bucket + 1) / BUCKETS_PER_MS);
    }
    return 0;
  }
}
