/** Waits between tries, in milliseconds: doubling from `firstMs` up to `maxMs`. */
export class Backoff {
  private tries = 0;

  constructor(
    private readonly firstMs = 50,
    private readonly maxMs = 5_000,
  ) {}

  next(): number {
    return Math.min(this.maxMs, this.firstMs * 2 ** this.tries++);
  }

  reset(): void {
    this.tries = 0;
  }
}
