import { isBefore } from '#domain/state';
import { sightOf } from '#domain/visibility';
import type { KnownUser, PresenceView } from './presence-view.ts';
import { NEVER_ANNOUNCED } from './presence-view.ts';
import type { Cursor, Held } from './tie-span.ts';
import { MAYBE, NO, YES } from './tie-span.ts';

/** What a client was last told of a user: a state, nothing, or not known (it resumed). */
export type Told = KnownUser | null | 'unknown';

/**
 * What an observer, who was tied to the user at the cursor, was told of them up to there. `unknown`: they were announced
 * since, or it is not remembered. Whoever hid then and hides now is not told of again: the movement alone would tell.
 */
export function toldAt(presence: PresenceView, observer: string, observed: string, cursor: Cursor): Told {
  const hid = hidAt(presence, observer, observed, cursor);
  if (hid === YES) return NEVER_ANNOUNCED;
  const user = presence.users.get(observed) ?? NEVER_ANNOUNCED;
  const upTo = cursor[presence.partitionOf(observed)];
  const isAnnouncedSince = user.announcedAt !== null && (upTo === undefined || !isBefore(user.announcedAt, upTo));
  return hid === NO && !isAnnouncedSince ? user : 'unknown';
}

/** Whether the user was an ordinary offline one to the observer, who was tied to it: by its choice of then. */
function hidAt(presence: PresenceView, observer: string, observed: string, cursor: Cursor): Held {
  if (observer === observed) return NO;
  const choice = presence.choiceAt(observed, cursor);
  if (choice === null) return MAYBE;
  const hides = (follows: boolean): boolean =>
    sightOf({ observer, observed, sharesRoom: true, follows, choice }) === 'offline';
  if (hides(true) === hides(false)) return hides(true) ? YES : NO;
  const followed = presence.follows(observer, observed, cursor);
  return followed === MAYBE ? MAYBE : hides(followed === YES) ? YES : NO;
}
