/** How many connections each key has open. It keeps nothing of keys that have none. */
export class ConnectionCounts {
  private readonly counts = new Map<string, number>();

  constructor(private readonly max: number) {}

  /** Counts one more, and returns what gives it back, once, however often it is called. Null: the key has `max` already. */
  open(key: string): (() => void) | null {
    const count = this.counts.get(key) ?? 0;
    if (count >= this.max) return null;
    this.counts.set(key, count + 1);
    let isOpen = true;
    return () => {
      if (isOpen) this.giveBack(key);
      isOpen = false;
    };
  }

  count(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  /** How many keys have connections. */
  get size(): number {
    return this.counts.size;
  }

  private giveBack(key: string): void {
    const count = this.count(key);
    if (count > 1) this.counts.set(key, count - 1);
    else this.counts.delete(key);
  }
}
