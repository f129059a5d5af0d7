import type { Cancel, Clock } from './clock.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms: number, run: () => void): Cancel {
    if (ms <= 0) {
      const immediate = setImmediate(run); // a timer would wait for a millisecond
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Lets other work of the process run before going on. */
export function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
