import type { Change } from './change.ts';
import type { Clock } from './clock.ts';
import type { Frame, PresenceEvent } from './frame.ts';
import { UserPresence } from './user-presence.ts';

/** Those whom the user sees, by user id, as far as the frames have told. */
export class Roster {
  readonly users = new Map<string, UserPresence>();

  constructor(private readonly clock: Clock) {}

  /** Takes a frame in, and says what that changed. Kinds of frames that are not known yet change nothing. */
  take(frame: Frame): Change[] {
    switch (frame.type) {
      case 'snapshot': {
        const changes = frame.events.map((event) => this.set(event));
        return frame.more ? changes : [...changes, { type: 'ready' }];
      }
      case 'm.presence':
        return [this.set(frame)];
      case 'forget':
        this.users.delete(frame.user_id);
        return [{ type: 'forget', userId: frame.user_id }];
      case 'room.presence':
        return [{ type: 'room', roomId: frame.room_id, conveysPresence: frame.mode === 'full' }];
      case 'm.presence_invite':
        return [{ type: 'invite', ...partiesOf(frame.content) }];
      case 'm.presence_accept':
        return [{ type: 'accept', ...partiesOf(frame.content) }];
      case 'm.presence_deny':
        return [{ type: 'deny', ...partiesOf(frame.content) }];
      case 'reset':
        return [this.reset(frame.reason)];
      default:
        return [];
    }
  }

  /** Forgets everybody. */
  reset(reason: string): Change {
    this.users.clear();
    return { type: 'reset', reason };
  }

  private set(event: PresenceEvent): Change {
    const user = new UserPresence(event, this.clock);
    this.users.set(user.userId, user);
    return { type: 'presence', user };
  }
}

const partiesOf = (content: { observed_user: string; observer_user: string }) => ({
  owner: content.observer_user,
  observed: content.observed_user,
});
