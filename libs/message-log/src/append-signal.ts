/** Wakes those who wait for records of a partition. */
export class AppendSignal {
  private readonly waiting = new Map<string, Set<() => void>>();

  wake(topic: string, partition: number): void {
    const key = `${topic}|${partition}`;
    const waiting = this.waiting.get(key);
    this.waiting.delete(key);
    for (const wake of waiting ?? []) wake();
  }

  wakeAll(): void {
    for (const waiting of this.waiting.values()) for (const wake of waiting) wake();
    this.waiting.clear();
  }

  /** Resolves at the next `wake` of the partition, or when `signal` is aborted. */
  wait(topic: string, partition: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const key = `${topic}|${partition}`;
      const waiting = this.waiting.get(key) ?? new Set();
      this.waiting.set(key, waiting);
      const done = (): void => {
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
