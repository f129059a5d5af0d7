import { sightOf, sightReason } from '#domain/visibility';
import type { PresenceView } from '../presence-view.ts';
import type { WatcherExplanation } from './explain.schemas.ts';
import { ROOMS_SHOWN_MAX } from './explain.schemas.ts';

type Reason = WatcherExplanation['reason'];

const SAYS: Readonly<Record<Reason, string>> = {
  self: 'Sees everything: it is the user.',
  accepted_list: 'Sees everything: the user has accepted the watcher’s invitation to its presence list.',
  shared_room: 'Sees everything: they share a room that conveys presence.',
  blocked: 'Sees an ordinary offline user: the user blocks the watcher.',
  hidden: 'Sees an ordinary offline user: the user shows themselves to nobody.',
  contacts_only:
    'Sees an ordinary offline user: the user shows themselves to contacts only, and has not accepted the watcher on a presence list.',
  over_the_cap: 'Sees nothing: the rooms that they share convey no presence, because they have too many members.',
  excluded: 'Sees nothing: the rooms that they share convey no presence, because they are excluded.',
  unknown:
    'Sees nothing: they share no room that conveys presence, and the user has not accepted the watcher on a presence list.',
};

/**
 * Whether the watcher sees the user, and why, by the one visibility rule (semantics, section 7). To the user itself a watcher
 * without a tie is `unknown`, whatever rooms they are in: else the answer would say whether there is such a user.
 */
export function explainWatcher(
  presence: PresenceView,
  userId: string,
  watcher: string,
  toUpstream: boolean,
): WatcherExplanation {
  const relation = presence.relation(watcher, userId);
  const why = sightReason(relation);
  const rooms = watcher === userId ? [] : presence.sharedRooms(watcher, userId);
  const convey = rooms.filter((room) => presence.silenceOf(room) === null).map(({ id }) => id);
  const silent = toUpstream ? rooms.filter((room) => presence.silenceOf(room) !== null) : [];
  const reason = why === 'no_tie' ? silenceReason(silent.map((room) => presence.silenceOf(room))) : why;
  return {
    user_id: watcher,
    sees: sightOf(relation),
    reason,
    section: 'Who sees whom',
    says: SAYS[reason],
    rooms: convey.sort().slice(0, ROOMS_SHOWN_MAX),
    silent_rooms: silent
      .map(({ id }) => id)
      .sort()
      .slice(0, ROOMS_SHOWN_MAX),
  };
}

function silenceReason(silences: readonly (Reason | null)[]): Reason {
  return silences.find((silence) => silence === 'over_the_cap') ?? silences[0] ?? 'unknown';
}
