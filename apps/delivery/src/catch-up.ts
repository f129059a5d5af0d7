import { LogUnavailableError } from '#message-log/errors';
import type { Appended, MessageLog } from '#message-log/message-log';
import type { Position } from '#domain/state';
import { spread } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { unavailable } from '#runtime/http/matrix-error';
import type { Hub } from './hub.ts';
import type { Cursor } from './tie-span.ts';

const RETRY_AFTER_MS = 1_000;

/** Waits until what is in the log of events has been folded, and has come to this node. */
export class CatchUp {
  constructor(
    private readonly log: MessageLog,
    private readonly hub: Hub,
    private readonly clock: Clock,
  ) {}

  /** Whether the view gets as far as the cursor within so many milliseconds. */
  async reach(cursor: Cursor, waitMsMax: number): Promise<boolean> {
    const until = this.clock.elapsed() + waitMsMax;
    while (!this.hub.hasReached(cursor)) {
      const leftMs = until - this.clock.elapsed();
      if (leftMs <= 0 || !(await this.hub.nextCheckpoint(leftMs))) return this.hub.hasReached(cursor);
    }
    return true;
  }

  /** Waits for all that is in these partitions now. Throws 503 when that takes longer, or the log cannot be asked. */
  async reachEnd(partitions: Iterable<number>, waitMsMax: number): Promise<void> {
    const ends = await Promise.all(
      [...new Set(partitions)].map(async (partition) => ({ partition, offset: await this.end(partition) })),
    );
    if (await this.reach(this.cursorAt(ends), waitMsMax)) return;
    throw unavailable(
      'This node has not caught up with the log, so nothing was done. Try again.',
      spread(RETRY_AFTER_MS),
    );
  }

  /** Waits for what was written. False when it takes longer: it is written nevertheless. */
  async reachWritten(written: readonly Appended[], waitMsMax: number): Promise<boolean> {
    const ends = written.map(({ partition, offset }) => ({ partition, offset: offset + 1 }));
    return this.reach(this.cursorAt(ends), waitMsMax);
  }

  private async end(partition: number): Promise<number> {
    try {
      return (await this.log.range('events', partition)).next;
    } catch (error) {
      if (error instanceof LogUnavailableError) throw unavailable(error.message, spread(RETRY_AFTER_MS));
      throw error;
    }
  }

  private cursorAt(ends: readonly Pick<Appended, 'partition' | 'offset'>[]): Cursor {
    const cursor: Position[] = Array.from({ length: this.log.partitionCount }, () => ({ offset: 0, step: 0 }));
    for (const { partition, offset } of ends) {
      if (offset > (cursor[partition]?.offset ?? 0)) cursor[partition] = { offset, step: 0 };
    }
    return cursor;
  }
}
