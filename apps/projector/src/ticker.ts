import type { Fold } from '#domain/fold';
import type { MessageLog, StoredRecord } from '#message-log/message-log';
import type { Cancel, Clock } from '#runtime/clock/clock';

/** Ticks are not closer to each other than this. */
const TICK_EVERY_MS = 100;
/** Longer timers overflow in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const RETRY_MS = 1_000;

/**
 * Makes a quiet partition move: when the clock passes the next deadline and all records are folded, it appends one
 * `tick`, whose time the log gives (semantics, section 1). It decides nothing: the fold acts when the tick is read back.
 */
export class Ticker {
  private cancel: Cancel | null = null;
  private outstanding: { offset: number | null; appendedAt: number } | null = null;
  private lastTickAt = -Infinity;
  /** How far the log's clock is behind this one's, by the last tick. */
  private behindMs = 0;
  private watched: { fold: Fold; isAtEnd: boolean } | null = null;

  constructor(
    private readonly log: MessageLog,
    private readonly clock: Clock,
    private readonly partition: number,
  ) {}

  /** From now on a tick is due at the fold's next deadline, if the partition was read to its end. */
  watch(fold: Fold, isAtEnd: boolean): void {
    this.pause();
    this.watched = { fold, isAtEnd };
    const waitsFor = this.outstanding?.offset ?? null;
    if (waitsFor !== null && waitsFor < fold.position.offset) this.outstanding = null;
    if (this.log.kind === 'archive' || !isAtEnd || this.outstanding !== null) return;
    const deadline = fold.nextDeadlineAt();
    if (deadline === Infinity) return;
    const dueAt = Math.max(deadline + this.behindMs, this.lastTickAt + TICK_EVERY_MS);
    const inMs = Math.min(TIMER_MS_MAX, Math.max(0, dueAt - this.clock.now()));
    this.cancel = this.clock.after(inMs, () => this.timeIsUp());
  }

  pause(): void {
    this.cancel?.();
    this.cancel = null;
    this.watched = null;
  }

  /** Learns from a record that was read back whether it is the tick, and how the log's clock stands. */
  saw({ offset, timestamp }: StoredRecord): void {
    if (this.outstanding === null || this.outstanding.offset === null || offset < this.outstanding.offset) return;
    this.behindMs = Math.max(0, this.outstanding.appendedAt - timestamp);
    this.outstanding = null;
  }

  private timeIsUp(): void {
    const { watched } = this;
    if (watched === null) return;
    if (this.clock.now() < watched.fold.nextDeadlineAt() + this.behindMs) this.watch(watched.fold, watched.isAtEnd);
    else void this.tick();
  }

  private async tick(): Promise<void> {
    const appendedAt = this.clock.now();
    const tick = { offset: null as number | null, appendedAt };
    this.outstanding = tick;
    this.lastTickAt = appendedAt;
    try {
      const [appended] = await this.log.append('events', [
        { key: null, value: JSON.stringify({ type: 'tick' }), partition: this.partition },
      ]);
      tick.offset = appended?.offset ?? null;
      // It may have been read back before the append was acknowledged.
      if (this.watched !== null) this.watch(this.watched.fold, this.watched.isAtEnd);
    } catch {
      // The log is unavailable, which readers and writers report. The deadline waits: a later tick fires it as exactly.
      this.outstanding = null;
      this.cancel = this.clock.after(RETRY_MS, () => this.timeIsUp());
    }
  }
}
