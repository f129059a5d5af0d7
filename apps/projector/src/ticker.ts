import type { Fold } from '#domain/fold';
import type { MessageLog, StoredRecord } from '#message-log/message-log';
import type { Cancel, Clock } from '#runtime/clock/clock';

/** Ticks are not closer to each other than this. */
const TICK_EVERY_MS = 100;
/** Longer timers overflow in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const RETRY_MS = 1_000;
/** Node's timers may run so early, and an early tick does nothing. */
const EARLY_MS = 1;

/**
 * Makes a quiet partition move: when the clock passes the next deadline and all records are folded, it appends one
 * `tick`, whose time the log gives (semantics, section 1). It decides nothing: the fold acts when the tick is read back.
 */
export class Ticker {
  private cancel: Cancel | null = null;
  private outstanding: { offset: number | null; appendedAt: number } | null = null;
  /** By the clock's `elapsed`. */
  private lastTickAt = -Infinity;
  /** How far the log's clock is behind this one's, as far as is known; negative when it is ahead. */
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
    const inMs = Math.max(
      deadline + this.behindMs - this.clock.now(),
      this.lastTickAt + TICK_EVERY_MS - this.clock.elapsed(),
      0,
    );
    this.cancel =
      inMs > TIMER_MS_MAX
        ? this.clock.after(TIMER_MS_MAX, () => this.again())
        : this.clock.after(Math.ceil(inMs) + EARLY_MS, () => void this.tick());
  }

  pause(): void {
    this.cancel?.();
    this.cancel = null;
    this.watched = null;
  }

  /**
   * Learns from a record that was read, before it is folded, whether it is the tick, and how the log's clock stands: not from
   * one that does not move log time, which stands still for a while when that clock was ahead and is not any more.
   */
  saw({ offset, timestamp }: StoredRecord, logTime: number): void {
    const tick = this.outstanding;
    if (tick !== null && tick.offset !== null && offset >= tick.offset) {
      this.behindMs = Math.max(0, tick.appendedAt - timestamp);
      this.outstanding = null;
    }
    if (timestamp > logTime) this.behindMs = Math.min(this.behindMs, this.clock.now() - timestamp);
  }

  private again(): void {
    if (this.watched !== null) this.watch(this.watched.fold, this.watched.isAtEnd);
  }

  private async tick(): Promise<void> {
    const appendedAt = this.clock.now();
    const tick = { offset: null as number | null, appendedAt };
    this.outstanding = tick;
    this.lastTickAt = this.clock.elapsed();
    try {
      const [appended] = await this.log.append('events', [
        { key: null, value: JSON.stringify({ type: 'tick' }), partition: this.partition },
      ]);
      tick.offset = appended?.offset ?? null;
      // It may have been read back before the append was acknowledged.
      this.again();
    } catch {
      // The log is unavailable, which readers and writers report. The deadline waits: a later tick fires it as exactly.
      this.outstanding = null;
      this.cancel = this.clock.after(RETRY_MS, () => this.again());
    }
  }
}
