import type { Clock } from '#runtime/clock/clock';
import { yieldToOthers } from '#runtime/clock/system-clock';

/** What becomes of so many, from the check to the frames of who is told, takes 5 to 20 ms in one process. */
const EVENTS_PER_TURN = 50;
/** Whoever would wait longer had better hear that it is too much. */
const WAIT_MS_MAX = 5_000;
const WAITING_EVENTS_MAX = 100_000;

interface Waiter {
  readonly events: number;
  readonly since: number;
  readonly done: (isItsTurn: boolean) => void;
}

/**
 * Lets requests with many events through in order, about `EVENTS_PER_TURN` events in each turn of the event loop. Else a thousand
 * requests that come at once would be worked off in one turn of many seconds, in which this process folds nothing and
 * tells nobody, and Node accepts one new connection.
 */
export class WriteTurns {
  private waiting: Waiter[] = [];
  private waitingEvents = 0;
  /** How many more events this turn takes; below 0 when one request had more, which the next turns make up for. */
  private left = EVENTS_PER_TURN;
  private isRunning = false;

  constructor(private readonly clock: Clock) {}

  /** Resolves with true when it is the turn of a request with so many events, with false when too many wait, or it takes too long. */
  async take(events: number): Promise<boolean> {
    if (this.waiting.length === 0 && this.left > 0) {
      this.admit(events);
      return true;
    }
    if (this.waitingEvents + events > WAITING_EVENTS_MAX) return false;
    return new Promise((done) => {
      this.waiting.push({ events, since: this.clock.elapsed(), done });
      this.waitingEvents += events;
    });
  }

  private admit(events: number): void {
    this.left -= events;
    if (!this.isRunning) void this.work();
  }

  private async work(): Promise<void> {
    this.isRunning = true;
    while (this.left < EVENTS_PER_TURN) {
      await yieldToOthers();
      this.left = Math.min(EVENTS_PER_TURN, this.left + EVENTS_PER_TURN);
      this.letThrough();
    }
    this.isRunning = false;
  }

  private letThrough(): void {
    const now = this.clock.elapsed();
    let count = 0;
    for (const { events, since, done } of this.waiting) {
      const isLate = now - since > WAIT_MS_MAX;
      if (!isLate && this.left <= 0) break;
      count++;
      this.waitingEvents -= events;
      if (!isLate) this.left -= events;
      done(!isLate);
    }
    this.waiting.splice(0, count);
  }
}
