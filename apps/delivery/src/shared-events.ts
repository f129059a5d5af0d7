import { mPresence } from '#domain/m-presence';
import type { PublicState } from '#domain/state';
import { SharedEvent } from './shared-event.ts';

/**
 * The events of one moment: all who see the same state of a user at the same time get the same event, which is made once. That
 * they may see that state was decided before. With 300 in a room, and changes faster than they are told, a delivery took
 * a third of the time.
 */
export class SharedEvents {
  private moment = Number.NaN;
  private readonly events = new Map<string, { readonly state: PublicState; readonly event: SharedEvent }>();

  /** What is told of a user in that state. `now` is the moment of sending, milliseconds. */
  of(userId: string, state: PublicState, now: number): SharedEvent {
    if (now !== this.moment) {
      this.events.clear();
      this.moment = now;
    }
    const made = this.events.get(userId);
    if (made?.state === state) return made.event; // else it looks different to this observer
    const event = new SharedEvent(mPresence(userId, state, now));
    this.events.set(userId, { state, event });
    return event;
  }
}
