import { createHash } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';

interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
}

/**
 * What is known of tokens, each for a time. It holds a hash in place of a token, so that a dump of the memory has none that
 * is only remembered. Of more than `entriesMax` the one that was used longest ago is dropped.
 */
export class TokenCache<Value> {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry<Value>>();

  constructor(
    private readonly clock: Clock,
    private readonly entriesMax: number,
  ) {}

  /** The name under which a token is kept. */
  static key(token: string): string {
    return createHash('sha256').update(token).digest('base64');
  }

  get size(): number {
    return this.entries.size;
  }

  /** What is known under the key; undefined: nothing, or nothing any more. */
  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    if (entry.until <= this.clock.elapsed()) return undefined;
    this.entries.set(key, entry);
    return entry.value;
  }

  /** Keeps the value for so many milliseconds. */
  set(key: string, value: Value, ms: number): void {
    this.entries.delete(key);
    this.entries.set(key, { value, until: this.clock.elapsed() + ms });
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.entriesMax) return;
      this.entries.delete(oldest);
    }
  }
}
