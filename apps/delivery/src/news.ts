import { isBefore } from '#domain/state';
import type { PresenceView } from './presence-view.ts';
import type { Cursor } from './tie-span.ts';

/**
 * Whether an observer, who was tied to the user at the cursor and is now, has to be told: the user was announced since,
 * or began or ceased to hide from the observer. Whoever hides now is not told of again: the movement alone would tell.
 */
export function isNews(presence: PresenceView, observer: string, observed: string, since: Cursor): boolean {
  const cursor = since[presence.partitionOf(observed)];
  if (cursor === undefined) return true;
  const choiceAt = presence.choiceChangedAt(observed);
  if (choiceAt !== null) {
    if (!isBefore(choiceAt, cursor)) return true;
    if (presence.follows(observer, observed, 'now') !== presence.follows(observer, observed, since)) return true;
    if (presence.sight(observer, observed) === 'offline') return false;
  }
  const announcedAt = presence.users.get(observed)?.announcedAt ?? null;
  return announcedAt !== null && !isBefore(announcedAt, cursor);
}
