import type { MPresenceEvent } from '#domain/m-presence';
import { mPresence } from '#domain/m-presence';
import type { Invitation, PresenceView } from '../presence-view.ts';
import type { Invitations } from './list.schemas.ts';
import { INCOMING_SHOWN_MAX } from './list.schemas.ts';

/** A user on the other side of a standing invitation. */
interface Invited {
  readonly userId: string;
  readonly invitation: Invitation;
}

/** Those whom the owner has on its list, with what they have answered; by user id. */
export function standingInvitations(presence: PresenceView, owner: string): Invited[] {
  return standing(presence.invites.get(owner)?.keys(), (observed) => presence.invitation(owner, observed));
}

/** `m.presence` of those whom the user follows, as they let it see them; by user id. */
export function followedBy(presence: PresenceView, userId: string, now: number): MPresenceEvent[] {
  return standingInvitations(presence, userId).flatMap(({ userId: observed, invitation }) => {
    const state = invitation.state === 'accepted' ? presence.view(userId, observed) : null;
    return state === null ? [] : [mPresence(observed, state, now)];
  });
}

/** What waits for an answer, in both directions, and who follows the user. */
export function invitationsOf(presence: PresenceView, userId: string): Invitations {
  const outgoing = standingInvitations(presence, userId).flatMap(({ userId: observed, invitation: { state } }) =>
    state === 'accepted' ? [] : [{ user_id: observed, state }],
  );
  const inviters = presence.inviters.get(userId);
  const incoming = standing(inviters, (owner) => presence.asking(owner, userId));
  const followers = standing(inviters, (owner) => presence.invitation(owner, userId)).filter(
    ({ invitation }) => invitation.state === 'accepted',
  );
  return {
    outgoing,
    incoming: shown(incoming),
    incoming_total: incoming.length,
    followers: shown(followers),
    followers_total: followers.length,
  };
}

function standing(userIds: Iterable<string> | undefined, invitationOf: (id: string) => Invitation | null): Invited[] {
  return [...(userIds ?? [])].sort().flatMap((userId) => {
    const invitation = invitationOf(userId);
    return invitation === null ? [] : [{ userId, invitation }];
  });
}

const shown = (users: readonly Invited[]): { user_id: string }[] =>
  users.slice(0, INCOMING_SHOWN_MAX).map(({ userId }) => ({ user_id: userId }));
