import { Hub } from '#delivery/hub';
import { PresenceView } from '#delivery/presence-view';
import type { UserEvent } from '#domain/events';
import { decodeText } from '#domain/events';
import { Fold } from '#domain/fold';
import type { StateRecord } from '#domain/state-records';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { systemClock } from '#runtime/clock/system-clock';
import type { Population } from './population.ts';

export const START_AT = 1_700_000_000_000;
const ROOM_MEMBERS_MAX = 1_000;
const COMMIT_EVENTS = 1_000;

/** A projector's fold and a delivery node's view of it, without a log: all goes through the same bytes as through one. */
export class FoldedState {
  fold: Fold | null = new Fold();
  readonly hub: Hub;
  private offset = 0;
  private checkpoints = 0;

  constructor() {
    const view = new PresenceView(1, { membersMax: ROOM_MEMBERS_MAX, excluded: new Set() });
    this.hub = new Hub(view, systemClock, 0);
  }

  /** Takes everything that makes these users what they are. */
  addAll(population: Population): void {
    for (let index = 0; index < population.size; index++) this.take(population.events(index));
    this.commit();
  }

  /** Folds events as they are read from a log, all at one instant. */
  take(events: readonly UserEvent[]): void {
    for (const event of events) {
      const decoded = decodeText(JSON.stringify(event));
      this.folded.apply({ offset: this.offset++, timestamp: START_AT, key: event.user_id, decoded });
      if (this.offset % COMMIT_EVENTS === 0) this.commit();
    }
  }

  /** Delivery takes what follows from the events so far. */
  commit(): void {
    const { folded: fold } = this;
    const checkpoint = checkpointRecord('bench', fold.checkpoint(), ++this.checkpoints);
    for (const { value } of toRecords(fold.drain(), checkpoint)) {
      if (value !== null) this.hub.apply(JSON.parse(JSON.stringify(value)) as StateRecord);
    }
    this.hub.checkpoint(0, checkpoint);
  }

  private get folded(): Fold {
    if (this.fold === null) throw new Error('The fold was dropped.');
    return this.fold;
  }
}
