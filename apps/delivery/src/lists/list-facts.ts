import type { EventOf } from '#domain/events';
import { badRequest, forbidden } from '#runtime/http/matrix-error';
import type { PresenceView } from '../presence-view.ts';
import type { ListChange } from './list.schemas.ts';
import { INVITATIONS_PER_OWNER_MAX } from './list.schemas.ts';
import { standingInvitations } from './invitations.ts';

export type ListFact = EventOf<'list.invited' | 'list.dropped' | 'list.accepted' | 'list.denied'>;

/**
 * What has to be written for a user's change of its own list, and of its answers to others' (semantics, section 6). What is
 * so already needs nothing; nor does an answer to somebody who has not asked, or not any more, so that nothing is learnt of
 * them. Throws 400 for oneself, 403 when too many invitations would stand.
 */
export function listFacts(
  presence: PresenceView,
  userId: string,
  { invite, drop, accept, deny }: ListChange,
  freshId: () => string,
): ListFact[] {
  if (invite.includes(userId)) throw badRequest('One sees oneself anyway, and cannot invite oneself.');
  const facts: ListFact[] = [];
  const stoodBefore = standingInvitations(presence, userId).length;
  let standing = stoodBefore;
  for (const observed of new Set(drop)) {
    const invitation = presence.invitation(userId, observed);
    if (invitation === null) continue;
    facts.push({ type: 'list.dropped', user_id: userId, observed, invitation: invitation.id });
    standing--;
  }
  for (const observed of new Set(invite)) {
    const invitation = presence.invitation(userId, observed);
    if (invitation !== null && invitation.state !== 'denied') continue;
    if (invitation === null) standing++; // a fresh one takes the place of one that was denied
    facts.push({ type: 'list.invited', user_id: userId, observed, invitation: freshId() });
  }
  if (standing > Math.max(stoodBefore, INVITATIONS_PER_OWNER_MAX)) throw tooManyStand();
  for (const owner of new Set(accept)) {
    const invitation = presence.invitation(owner, userId);
    if (invitation === null || invitation.state === 'accepted') continue;
    facts.push({ type: 'list.accepted', user_id: userId, owner, invitation: invitation.id });
  }
  for (const owner of new Set(deny)) {
    const invitation = presence.invitation(owner, userId);
    if (invitation === null || invitation.state === 'denied') continue;
    facts.push({ type: 'list.denied', user_id: userId, owner, invitation: invitation.id });
  }
  return facts;
}

const tooManyStand = (): Error =>
  forbidden(`A list has at most ${INVITATIONS_PER_OWNER_MAX} users, invited ones included: drop some first.`);
