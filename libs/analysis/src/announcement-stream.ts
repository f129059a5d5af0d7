import type { DeadLetter } from '#domain/changes';
import type { Fold, FoldRecord } from '#domain/fold';
import type { Announcement } from '#domain/state';

/** An announcement of a replay, with what it is sorted by. */
export interface Announced {
  readonly userId: string;
  readonly announcement: Announcement;
  /** The partition it was made in; null where there is only one. */
  readonly partition: number | null;
}

/** Where a replay ends. Times are milliseconds; null: at the end of the records. */
export interface ReplayEnd {
  /** Records after this time are left out, and deadlines fire up to it. */
  readonly at: number | null;
  /** Deadlines fire up to this time, past the last record. */
  readonly until: number | null;
}

/**
 * Folds the records of one partition and yields the announcements in batches, sorted by time, then user id, then order
 * of making. All that come later have a later time. `refused` hears of the records that cannot be folded.
 */
export async function* announcementsOf(
  fold: Fold,
  records: AsyncIterable<readonly FoldRecord[]>,
  partition: number | null,
  end: ReplayEnd,
  refused: (letters: readonly DeadLetter[]) => void,
): AsyncIterable<Announced[]> {
  let held: Announced[] = [];
  const take = (): void => {
    const { announcements, deadLetters } = fold.drain();
    for (const { userId, announcement } of announcements) held.push({ userId, announcement, partition });
    refused(deadLetters);
  };
  reading: for await (const batch of records) {
    for (const record of batch) {
      if (end.at !== null && record.timestamp > end.at) break reading;
      fold.apply(record);
    }
    take();
    // What has the latest time may yet get company.
    const later = held.findIndex(({ announcement }) => announcement.ts >= fold.logTime);
    const ready = later < 0 ? held : held.slice(0, later);
    held = later < 0 ? [] : held.slice(later);
    if (ready.length > 0) yield sorted(ready);
  }
  const last = end.at ?? end.until;
  if (last !== null) fold.advanceTo(last);
  take();
  if (held.length > 0) yield sorted(held);
}

/** Merges streams that are each in order into one that is, in batches. */
export async function* merged(streams: readonly AsyncIterable<Announced[]>[]): AsyncIterable<Announced[]> {
  const heads = await Promise.all(streams.map((stream) => Head.of(stream)));
  let batch: Announced[] = [];
  for (;;) {
    let least: Head | null = null;
    for (const head of heads) {
      if (head.current === null) continue;
      if (least?.current == null || isBefore(head.current, least.current)) least = head;
    }
    if (least?.current == null) break;
    batch.push(least.current);
    if (least.step()) continue;
    yield batch;
    batch = [];
    await least.next();
  }
  if (batch.length > 0) yield batch;
}

class Head {
  private batch: Announced[] = [];
  private index = 0;

  private constructor(private readonly iterator: AsyncIterator<Announced[]>) {}

  static async of(stream: AsyncIterable<Announced[]>): Promise<Head> {
    const head = new Head(stream[Symbol.asyncIterator]());
    await head.next();
    return head;
  }

  get current(): Announced | null {
    return this.batch[this.index] ?? null;
  }

  /** Goes on within the batch; false at its end. */
  step(): boolean {
    return ++this.index < this.batch.length;
  }

  async next(): Promise<void> {
    const result: IteratorResult<Announced[], unknown> = await this.iterator.next();
    this.batch = result.done === true ? [] : result.value;
    this.index = 0;
  }
}

/** Whether `a` comes first; equal ones keep the order of the streams. */
function isBefore(a: Announced, b: Announced): boolean {
  if (a.announcement.ts !== b.announcement.ts) return a.announcement.ts < b.announcement.ts;
  return a.userId < b.userId;
}

function sorted(announced: Announced[]): Announced[] {
  return announced.sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0));
}
