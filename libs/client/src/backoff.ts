import type { Clock } from './clock.ts';

const FIRST_MS = 500;
const LAST_MS = 30_000;
/** Nobody waits longer, whatever is said. */
const SAID_MS_MAX = 3_600_000;

/** How long to wait between tries: doubling, with jitter, and never shorter than the server has said. */
export class Backoff {
  private failures = 0;

  constructor(private readonly clock: Clock) {}

  /** Milliseconds. `saidMs` is what the server has said, null if nothing. */
  next(saidMs: number | null): number {
    const ms = Math.min(LAST_MS, FIRST_MS * 2 ** this.failures++);
    const jittered = ms / 2 + (ms / 2) * this.clock.random();
    return Math.round(Math.max(jittered, Math.min(saidMs ?? 0, SAID_MS_MAX)));
  }

  /** It has worked again. */
  reset(): void {
    this.failures = 0;
  }
}
