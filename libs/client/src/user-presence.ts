import type { Clock } from './clock.ts';
import type { PresenceEvent } from './frame.ts';
import type { Presence } from './options.ts';

/** What is known of a user. It never changes: a change puts another one into the roster. */
export class UserPresence {
  readonly userId: string;
  readonly presence: Presence;
  /** Whether they are doing something now; only of those who are online. */
  readonly currentlyActive: boolean;
  readonly statusMsg: string | null;
  private readonly toldAgo: number | null;
  private readonly toldAt: number;
  private readonly clock: Clock;

  constructor({ sender, content }: PresenceEvent, clock: Clock) {
    this.userId = sender;
    this.presence = content.presence;
    this.currentlyActive = content.currently_active ?? false;
    this.statusMsg = content.status_msg ?? null;
    this.toldAgo = content.last_active_ago ?? null;
    this.toldAt = clock.now();
    this.clock = clock;
  }

  /** How long ago they were last active, milliseconds, as of now; null when that is not known. */
  get lastActiveAgo(): number | null {
    if (this.toldAgo === null) return null;
    return this.toldAgo + Math.max(0, this.clock.now() - this.toldAt); // the clock may have been set back
  }
}
