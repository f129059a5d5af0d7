import { isBefore } from '#domain/state';
import type { ListEvent } from './frame.ts';
import type { PresenceView } from './presence-view.ts';
import type { Cursor } from './tie-span.ts';

/** What can be told of a pair: an invitation that waits for an answer, or the answer; by the invitation's id. */
type Notice = `${'pending' | 'accepted' | 'denied'} ${string}` | null;

/** What one subscription has to tell of presence lists (semantics, section 6): invitations to its user, and answers to its user's own. */
export class ListNews {
  /** By owner, and by observed: what the client was told. */
  private readonly incoming = new Map<string, Notice>();
  private readonly outgoing = new Map<string, Notice>();

  constructor(
    private readonly userId: string,
    private readonly presence: PresenceView,
  ) {}

  /** For a client that was told all up to a cursor, or, with null, nothing: then it hears of what waits for an answer. */
  begin(since: Cursor | null): void {
    for (const owner of this.presence.inviters.get(this.userId) ?? []) {
      if (this.asked(owner) === null) continue;
      if (this.blockedAt(owner, since) || this.isSince(owner, this.userId, since)) this.incoming.set(owner, null);
    }
    if (since === null) return;
    for (const observed of this.presence.invites.get(this.userId)?.keys() ?? []) {
      if (this.answered(observed) !== null && this.isSince(this.userId, observed, since)) {
        this.outgoing.set(observed, null);
      }
    }
  }

  /**
   * Must be called before the owner's invitation to the observed, its answer, or whether the observed blocks the owner
   * changes. The user is one of them.
   */
  touch(owner: string, observed: string): void {
    if (observed === this.userId && !this.incoming.has(owner)) this.incoming.set(owner, this.asked(owner));
    if (owner === this.userId && !this.outgoing.has(observed)) this.outgoing.set(observed, this.answered(observed));
  }

  get size(): number {
    return this.incoming.size + this.outgoing.size;
  }

  /** Takes all there is to be told. */
  take(): ListEvent[] {
    const events: ListEvent[] = [];
    for (const [owner, told] of this.incoming) {
      const notice = this.asked(owner);
      if (notice !== null && notice !== told) events.push(listEvent('m.presence_invite', owner, this.userId));
    }
    for (const [observed, told] of this.outgoing) {
      const notice = this.answered(observed);
      if (notice === null || notice === told) continue;
      const type = notice.startsWith('accepted') ? 'm.presence_accept' : 'm.presence_deny';
      events.push(listEvent(type, this.userId, observed));
    }
    this.incoming.clear();
    this.outgoing.clear();
    return events;
  }

  /** Of an owner's invitation to this user. */
  private asked(owner: string): Notice {
    const invitation = this.presence.asking(owner, this.userId);
    return invitation === null ? null : `pending ${invitation.id}`;
  }

  /** Of this user's own invitation. */
  private answered(observed: string): Notice {
    const invitation = this.presence.invitation(this.userId, observed);
    return invitation === null || invitation.state === 'pending' ? null : `${invitation.state} ${invitation.id}`;
  }

  /** Whether the user blocked the owner at the cursor, or may have. */
  private blockedAt(owner: string, since: Cursor | null): boolean {
    if (since === null) return false;
    const then = this.presence.choiceAt(this.userId, since);
    return then === null || then.blocked.includes(owner);
  }

  /** Whether the invitation, or its answer, is news for who was told all up to the cursor. */
  private isSince(owner: string, observed: string, since: Cursor | null): boolean {
    const invitation = this.presence.invitation(owner, observed);
    if (since === null || invitation === null) return true;
    const invitedBefore = since[this.presence.partitionOf(owner)];
    const answeredBefore = since[this.presence.partitionOf(observed)];
    if (invitedBefore === undefined || answeredBefore === undefined) return true;
    const { invitedAt, answeredAt } = invitation;
    return !isBefore(invitedAt, invitedBefore) || (answeredAt !== null && !isBefore(answeredAt, answeredBefore));
  }
}

function listEvent(type: ListEvent['type'], owner: string, observed: string): ListEvent {
  const sender = type === 'm.presence_invite' ? owner : observed;
  return { type, sender, content: { observed_user: observed, observer_user: owner } };
}
