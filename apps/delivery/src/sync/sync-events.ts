import type { MPresenceEvent } from '#domain/m-presence';
import type { Frame, ListEvent } from '../frame.ts';

export type SyncEvent = MPresenceEvent | ListEvent;

/**
 * What a Matrix client is told. It knows no `forget`: whom it sees no more is offline to it. Nor does it know rooms that convey
 * no presence.
 */
export function syncEvents(frames: readonly Frame[]): SyncEvent[] {
  return frames.flatMap((frame): readonly SyncEvent[] => {
    switch (frame.type) {
      case 'snapshot':
        return frame.events;
      case 'forget':
        return [{ type: 'm.presence', sender: frame.user_id, content: { presence: 'offline' } }];
      case 'room.presence':
        return [];
      default:
        return [frame];
    }
  });
}
