interface Given<Item> {
  readonly item: Item;
  readonly taken: () => void;
}

/** Passes items from one who must wait to one who asks. */
export class Handover<Item> {
  private readonly given: Given<Item>[] = [];
  private wake: () => void = () => undefined;
  private isClosed = false;

  /** Resolves when the item was taken, or when nobody will take it any more. */
  give(item: Item): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((taken) => {
      this.given.push({ item, taken });
      this.wake();
    });
  }

  async take(): Promise<Item> {
    for (;;) {
      const next = this.given.shift();
      if (next !== undefined) {
        next.taken();
        return next.item;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Lets go of those who wait. */
  close(): void {
    this.isClosed = true;
    for (const { taken } of this.given.splice(0)) taken();
  }
}
