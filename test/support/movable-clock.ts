import type { Cancel, Clock } from '#runtime/clock/clock';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that a test moves. Timers run when it is moved past them, in order of time. */
export class MovableClock implements Clock {
  private timers: Timer[] = [];

  private time = 0;

  /** `epochAt`: when it began, milliseconds since the epoch. */
  constructor(private epochAt = 1_700_000_000_000) {}

  /** How many timers have neither run nor been cancelled. */
  get pending(): number {
    return this.timers.length;
  }

  now(): number {
    return this.epochAt + this.time;
  }

  elapsed(): number {
    return this.time;
  }

  /** The machine's clock is set ahead, or back. Timers do not care. */
  set(aheadMs: number): void {
    this.epochAt += aheadMs;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  move(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((other) => other !== due);
      this.time = Math.max(this.time, due.at);
      due.run();
    }
    this.time = end;
  }
}
