/** Cancels a timer; harmless when it has fired. */
export type Cancel = () => void;

/** The edges' access to time. The simulation has one that it moves by hand. */
export interface Clock {
  /** Milliseconds since the epoch. It can be set back or ahead at any time, so it is not for measuring durations. */
  now(): number;
  /** Milliseconds since some beginning. They only grow, one each millisecond. */
  elapsed(): number;
  /** Calls `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Cancel;
}

/** Longer timers overflow in Node, and run at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Calls `run` once, when it is that time (milliseconds since the epoch), however far away that is; never at once. */
export function callAt(clock: Clock, time: number, run: () => void): Cancel {
  let cancel: Cancel = () => undefined;
  const wait = (): void => {
    const leftMs = Math.max(0, time - clock.now());
    cancel = clock.after(Math.min(leftMs, TIMER_MS_MAX), () => (clock.now() < time ? wait() : run()));
  };
  wait();
  return () => cancel();
}

/** Resolves after `ms` milliseconds, or as soon as `signal` is aborted. Never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
