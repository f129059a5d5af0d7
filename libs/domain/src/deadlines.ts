/** Something that can be due at a time. `deadlineAt` is the time of its one live entry, or Infinity. */
export interface Due {
  deadlineAt: number;
}

/** So many stale entries for each live one are left in the heap, and so many anyhow. */
const STALE_PER_LIVE_MAX = 3;
const STALE_MIN = 64;

/**
 * A binary heap of times with lazily checked entries. Moving a deadline later costs nothing: the earlier entry stays
 * and is looked at again when it comes up. Moving it earlier adds an entry and leaves the old one, stale, to be skipped
 * when it comes up, or to be dropped when there are too many. So there are at most a few entries for each user or
 * source, however many events they have.
 */
export class Deadlines<Item extends Due> {
  private readonly times: number[] = [];
  private readonly items: Item[] = [];
  /** How many items have an entry that isn't stale. */
  private live = 0;

  get size(): number {
    return this.times.length;
  }

  /** The earliest entry's time, which may turn out to be stale; Infinity when there is none. */
  peek(): number {
    return this.times[0] ?? Infinity;
  }

  /** Makes sure that `item` comes up at `at` or before. */
  schedule(item: Item, at: number): void {
    if (at >= item.deadlineAt) return;
    if (item.deadlineAt === Infinity) this.live++;
    item.deadlineAt = at;
    this.times.push(at);
    this.items.push(item);
    this.siftUp(this.times.length - 1);
    if (this.times.length > (1 + STALE_PER_LIVE_MAX) * this.live + STALE_MIN) this.dropStale();
  }

  /** Takes the earliest entry. Null: it was stale, and is gone. An item that is taken has no live entry any more. */
  take(): Item | null {
    const at = this.peek();
    const item = this.items[0];
    if (item === undefined) return null;
    const lastTime = this.times.pop();
    const lastItem = this.items.pop();
    if (this.times.length > 0 && lastTime !== undefined && lastItem !== undefined) {
      this.times[0] = lastTime;
      this.items[0] = lastItem;
      this.siftDown(0);
    }
    if (item.deadlineAt !== at) return null;
    item.deadlineAt = Infinity;
    this.live--;
    return item;
  }

  private dropStale(): void {
    let kept = 0;
    for (let i = 0; i < this.times.length; i++) {
      const item = this.items[i] as Item;
      const at = this.time(i);
      if (item.deadlineAt !== at) continue;
      item.deadlineAt = NaN; // so that a second entry of the same time is dropped
      this.times[kept] = at;
      this.items[kept++] = item;
    }
    this.times.length = this.items.length = kept;
    for (let i = 0; i < kept; i++) (this.items[i] as Item).deadlineAt = this.time(i);
    for (let i = (kept >> 1) - 1; i >= 0; i--) this.siftDown(i);
  }

  private siftUp(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.time(parent) <= this.time(child)) return;
      this.swap(parent, child);
      child = parent;
    }
  }

  private siftDown(start: number): void {
    let parent = start;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      let least = parent;
      if (this.time(left) < this.time(least)) least = left;
      if (this.time(right) < this.time(least)) least = right;
      if (least === parent) return;
      this.swap(parent, least);
      parent = least;
    }
  }

  private time(index: number): number {
    return this.times[index] ?? Infinity;
  }

  private swap(a: number, b: number): void {
    const time = this.times[a] as number;
    const item = this.items[a] as Item;
    this.times[a] = this.times[b] as number;
    this.items[a] = this.items[b] as Item;
    this.times[b] = time;
    this.items[b] = item;
  }
}
