import type { StoredRecord } from '#message-log/message-log';

interface Entry {
  sent: number;
  isAcknowledged: boolean;
  seen: number;
}

/** An event that was sent. No two events of a user, or of a source, have the same `ts`. */
export interface SentEvent {
  readonly type: string;
  readonly ts: number;
  readonly user_id?: string;
  readonly source_id?: string;
}

const keyOf = ({ type, ts, user_id, source_id }: SentEvent): string => `${type} ${user_id ?? source_id} ${ts}`;

/** Which events were sent how often, and which acknowledged; and how often each is in the log. */
export class Ledger {
  acknowledged = 0;
  private readonly entries = new Map<string, Entry>();
  /** By user: the latest event in the log that was sent once, and acknowledged. */
  private readonly latest = new Map<string, number>();
  /** Acknowledged, and not found in the log so far. */
  private readonly unseen = new Set<string>();
  private awaited: string[] = [];
  private readonly found: string[] = [];

  constructor(private readonly partitionCount: number) {}

  sent(events: readonly SentEvent[]): void {
    for (const event of events) {
      const key = keyOf(event);
      const entry = this.entries.get(key);
      if (entry === undefined) this.entries.set(key, { sent: 1, isAcknowledged: false, seen: 0 });
      else entry.sent++;
    }
  }

  acknowledge(events: readonly SentEvent[]): void {
    for (const event of events) {
      const entry = this.entries.get(keyOf(event));
      if (entry === undefined) continue;
      entry.isAcknowledged = true;
      this.acknowledged++;
      if (entry.seen < this.copies(event)) this.unseen.add(keyOf(event));
    }
  }

  /** Takes a record of the events. */
  take({ value }: StoredRecord): void {
    const event = JSON.parse(value?.toString() ?? 'null') as SentEvent;
    const key = keyOf(event);
    const entry = this.entries.get(key);
    if (entry === undefined) return; // what delivery nodes and projectors write
    entry.seen++;
    const copies = this.copies(event);
    if (entry.seen >= copies) this.unseen.delete(key);
    if (entry.seen > entry.sent * copies)
      this.found.push(`${key} was sent ${entry.sent} times, and is in the log ${entry.seen} times`);
    if (event.user_id === undefined || entry.sent > 1 || !entry.isAcknowledged) return;
    const before = this.latest.get(event.user_id) ?? 0;
    if (event.ts < before) this.found.push(`${key} is in the log after the event of ${before}, which was sent later`);
    this.latest.set(event.user_id, Math.max(before, event.ts));
  }

  /** What is acknowledged by now has to be in what is read from now on. */
  beginReading(): void {
    this.awaited = [...this.unseen];
  }

  /** What is wrong, now that the log was read. */
  faults(): string[] {
    const lost = this.awaited.filter((key) => this.unseen.has(key));
    return [...this.found, ...lost.map((key) => `${key} was acknowledged, and is not in the log`)];
  }

  /** A source's event is in every partition. */
  private copies({ user_id }: SentEvent): number {
    return user_id === undefined ? this.partitionCount : 1;
  }
}
