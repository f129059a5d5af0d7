import type { Cancel, Clock } from '#runtime/clock/clock';

/** A process of the simulation. When it is dead, nothing of it ever goes on. */
export interface Process {
  readonly name: string;
  isDead: boolean;
  /** How far its clock is ahead of the world's, milliseconds; it can change at any time, and timers do not care. */
  skewMs: number;
}

export function newProcess(name: string): Process {
  return { name, isDead: false, skewMs: 0 };
}

interface Waiting {
  readonly process: Process;
  readonly resume: () => void;
}

interface Timer extends Waiting {
  readonly at: number;
}

/**
 * Owns time and order: every operation on the log, and every timer that is due, waits here until the world lets it go on. The
 * world chooses which, by its seed.
 */
export class Scheduler {
  now: number;
  private operations: Waiting[] = [];
  private timers: Timer[] = [];

  constructor(startAt: number) {
    this.now = startAt;
  }

  /** Resolves when the world says so; never for a dead process. */
  turn(process: Process): Promise<void> {
    return new Promise((resume) => this.operations.push({ process, resume }));
  }

  clockOf(process: Process): Clock {
    return {
      now: () => this.now + process.skewMs,
      elapsed: () => this.now,
      after: (ms: number, run: () => void): Cancel => {
        const timer = { process, at: this.now + ms, resume: run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((other) => other !== timer);
        };
      },
    };
  }

  /** Everything that could go on now. */
  ready(): (() => void)[] {
    this.operations = this.operations.filter(({ process }) => !process.isDead);
    this.timers = this.timers.filter(({ process }) => !process.isDead);
    const operations = this.operations.map((operation) => () => {
      this.operations = this.operations.filter((other) => other !== operation);
      operation.resume();
    });
    const timers = this.timers
      .filter(({ at }) => at <= this.now)
      .map((timer) => () => {
        this.timers = this.timers.filter((other) => other !== timer);
        timer.resume();
      });
    return [...operations, ...timers];
  }

  /** Time of the next timer that is not due yet; Infinity when there is none. */
  nextTimerAt(): number {
    return Math.min(Infinity, ...this.timers.map(({ at }) => at).filter((at) => at > this.now));
  }
}

/** Lets everything that has nothing to wait for run until it waits. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
