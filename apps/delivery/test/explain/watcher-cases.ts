import type { UserEvent } from '#domain/events';
import { joined, left, shows } from '../folded-hub.ts';
import { accepted, denied, invited } from '../folded-view.ts';

export const ME = '@me:x';
export const BOB = '@bob:x';
/** What rooms have to be like to convey presence. */
export const MEMBERS_MAX = 3;
export const EXCLUDED = '!loud:x';
export const ROOM = [joined(ME), joined(BOB)];
export const CROWD = [...ROOM, joined('@c:x'), joined('@d:x')];
const LIST = [invited(BOB, ME, 'i'), accepted(ME, BOB, 'i')];

/** What Bob sees of me after these events, and why. */
export interface WatcherCase {
  readonly who: string;
  readonly events: readonly UserEvent[];
  readonly sees: 'full' | 'offline' | 'nothing';
  readonly reason: string;
  readonly rooms?: readonly string[];
}

export const WATCHER_CASES: readonly WatcherCase[] = [
  { who: 'strangers', events: [], sees: 'nothing', reason: 'unknown' },
  { who: 'room-mates', events: ROOM, sees: 'full', reason: 'shared_room', rooms: ['!r:x'] },
  { who: 'who has left', events: [...ROOM, left(BOB)], sees: 'nothing', reason: 'unknown' },
  { who: 'a follower', events: LIST, sees: 'full', reason: 'accepted_list' },
  { who: 'who was invited only', events: [invited(BOB, ME, 'i')], sees: 'nothing', reason: 'unknown' },
  { who: 'who was denied', events: [...LIST, denied(ME, BOB, 'i')], sees: 'nothing', reason: 'unknown' },
  {
    who: 'a follower and room-mate',
    events: [...ROOM, ...LIST],
    sees: 'full',
    reason: 'accepted_list',
    rooms: ['!r:x'],
  },
  {
    who: 'a blocked room-mate',
    events: [...ROOM, shows(ME, 'everyone', [BOB])],
    sees: 'offline',
    reason: 'blocked',
    rooms: ['!r:x'],
  },
  { who: 'a blocked stranger', events: [shows(ME, 'everyone', [BOB])], sees: 'nothing', reason: 'unknown' },
  { who: 'before whom one hides', events: [...LIST, shows(ME, 'nobody')], sees: 'offline', reason: 'hidden' },
  {
    who: 'no contact',
    events: [...ROOM, shows(ME, 'contacts')],
    sees: 'offline',
    reason: 'contacts_only',
    rooms: ['!r:x'],
  },
  { who: 'a contact', events: [...LIST, shows(ME, 'contacts')], sees: 'full', reason: 'accepted_list' },
];

/** In rooms that convey nothing: only who may know who is in which room is told so. */
export const SILENT_CASES: readonly (WatcherCase & { readonly silentRooms: readonly string[] })[] = [
  { who: 'in a room that is too large', events: CROWD, sees: 'nothing', reason: 'over_the_cap', silentRooms: ['!r:x'] },
  {
    who: 'in a room that is excluded',
    events: [joined(ME, EXCLUDED), joined(BOB, EXCLUDED)],
    sees: 'nothing',
    reason: 'excluded',
    silentRooms: [EXCLUDED],
  },
];
