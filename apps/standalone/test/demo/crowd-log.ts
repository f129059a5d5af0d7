import type { PresenceEvent } from '#domain/events';
import { decodeEvent } from '#domain/events';
import { Fold } from '#domain/fold';
import type { Announcement } from '#domain/state';
import type { Crowd } from '#standalone/demo/crowd';

export const START_AT = 1_700_000_000_000;
const STEP_MS = 5_000;

/** The log of a crowd, and what follows from it: each event comes at its `ts`, and its source is alive meanwhile. */
export class CrowdLog {
  readonly fold = new Fold();
  readonly announced: { readonly userId: string; readonly announcement: Announcement }[] = [];
  private offset = 0;

  /** The crowd comes at `startAt` and lives for `ms`. Returns what it told, the opening left out. */
  live(crowd: Crowd, sourceId: string, startAt: number, ms: number): PresenceEvent[] {
    const told: PresenceEvent[] = [];
    this.alive(sourceId, startAt);
    for (const event of crowd.opening()) this.take(event, startAt);
    for (let now = startAt + STEP_MS; now <= startAt + ms; now += STEP_MS) {
      for (const event of crowd.eventsUntil(now)) {
        this.take(event, event.ts ?? now);
        told.push(event);
      }
      this.alive(sourceId, now);
    }
    return told;
  }

  /** Nothing comes until then. */
  advanceTo(t: number): void {
    this.fold.advanceTo(t);
    this.drain();
  }

  take(event: PresenceEvent, timestamp: number): void {
    this.fold.apply({ offset: this.offset++, timestamp, decoded: decodeEvent(event) });
    this.drain();
  }

  /** Ids of those who are not offline. */
  present(): string[] {
    return [...this.fold.users()]
      .filter(({ announced }) => announced !== null && announced.presence !== 'offline')
      .map(({ id }) => id)
      .sort();
  }

  private alive(sourceId: string, now: number): void {
    this.take({ type: 'source.alive', source_id: sourceId, ttl_ms: 15_000 }, now);
  }

  private drain(): void {
    const { announcements, deadLetters } = this.fold.drain();
    this.announced.push(...announcements);
    for (const { reason } of deadLetters) throw new Error(reason);
  }
}
