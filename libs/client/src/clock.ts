/** Cancels a timer; harmless when it has fired. */
export type Cancel = () => void;

/** What the client needs of time and chance. Tests pass one of their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Cancel;
  /** From 0 to less than 1, for jitter. */
  random(): number;
}

/** Resolves after `ms` milliseconds, or as soon as `signal` is aborted. Never rejects. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
