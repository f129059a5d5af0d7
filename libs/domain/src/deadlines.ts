/** Something that can be due at a time. `deadlineAt` is the time of its one live entry, or Infinity. */
export interface Due {
  deadlineAt: number;
}

/**
 * A binary heap of times with lazily checked entries. Moving a deadline later costs nothing: the earlier entry stays
 * and is looked at again when it comes up. Moving it earlier adds an entry and leaves the old one to be skipped. So
 * there are at most a few entries for each user or source, however many events they have.
 */
export class Deadlines<Item extends Due> {
  private readonly times: number[] = [];
  private readonly items: Item[] = [];

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
    item.deadlineAt = at;
    this.times.push(at);
    this.items.push(item);
    this.siftUp(this.times.length - 1);
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
      this.siftDown();
    }
    if (item.deadlineAt !== at) return null;
    item.deadlineAt = Infinity;
    return item;
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

  private siftDown(): void {
    let parent = 0;
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
