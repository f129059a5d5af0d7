import type { World } from './world.ts';

/** How much has happened in all worlds so far: of each kind of fault, and of each type of frame. */
export class Tally {
  readonly counts: Record<string, number> = {};
  /** Frames that clients have received, by type. */
  readonly received: Record<string, number> = {};
  /** Connections that went on within a snapshot. */
  withinSnapshots = 0;

  add({ counts, clients }: World): void {
    for (const [name, count] of Object.entries(counts)) this.counts[name] = (this.counts[name] ?? 0) + count;
    for (const happening of clients.flatMap(({ happenings }) => happenings)) {
      if (happening.type === 'began' && happening.since?.after != null) this.withinSnapshots++;
      if (happening.type !== 'received') continue;
      const { type } = happening.sent.frame;
      this.received[type] = (this.received[type] ?? 0) + 1;
    }
  }
}
