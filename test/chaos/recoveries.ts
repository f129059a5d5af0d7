import type { LogLine, Slot } from './slot.ts';

/** How long partitions were folded by nobody after their projector was killed, and how often somebody began from an image. */
export class Recoveries {
  readonly ms: number[] = [];
  /** Images that were taken, and that something began from. */
  readonly images = { taken: 0, restored: 0 };
  private readonly owners = new Map<number, Slot>();
  private readonly orphanedAt = new Map<number, number>();

  killed(slot: Slot): void {
    for (const [partition, owner] of this.owners) if (owner === slot) this.orphanedAt.set(partition, Date.now());
  }

  /** Takes a line of a process's log. */
  logged(slot: Slot, { event, partition }: LogLine): void {
    if (event === 'image.taken') this.images.taken++;
    if (event === 'image.restored') this.images.restored++;
    if (event !== 'projector.partition.assigned' || partition === undefined) return;
    this.owners.set(partition, slot);
    const since = this.orphanedAt.get(partition);
    this.orphanedAt.delete(partition);
    if (since !== undefined) this.ms.push(Date.now() - since);
  }
}
