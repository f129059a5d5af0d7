import type { MPresenceEvent } from '#domain/m-presence';
import type { Frame, ListEvent } from '#delivery/frame';
import type { LogHistory, At } from '../oracle/log-history.ts';
import { shownText } from './public-text.ts';

/** Something that a client was told, and the cursor since which it would have to be told anew. */
export interface Told {
  readonly text: string;
  readonly at: At;
}

/** What a client was told of a user. */
export interface ToldUser extends Told {
  readonly lastActiveTs: number | null;
}

/** All that a client believes, from what it was told. */
export class Beliefs {
  readonly users: Map<string, ToldUser>;
  /** `off`, or `full`; a room that is not here is `full`. */
  readonly rooms: Map<string, Told>;
  /** By owner and observed: how an invitation stands, and its id. */
  readonly invitations: Map<string, Told>;

  constructor(before?: Beliefs) {
    this.users = new Map(before?.users);
    this.rooms = new Map(before?.rooms);
    this.invitations = new Map(before?.invitations);
  }

  /** Of a client that goes on from a token: what came between its place and what it was told may be told again. */
  resumedAt(place: At): Beliefs {
    const beliefs = new Beliefs(this);
    for (const told of [beliefs.users, beliefs.rooms, beliefs.invitations] as Map<string, Told>[]) {
      for (const [key, one] of told) told.set(key, { ...one, at: earlier(one.at, place) });
    }
    return beliefs;
  }

  /** Of a client that was told nothing: it does not hear of the answers that there were before. */
  static fresh(userId: string, cursor: At, history: LogHistory): Beliefs {
    const beliefs = new Beliefs();
    const truth = history.at(cursor);
    for (const [owner, observed] of truth.pairsOf(userId)) {
      const standing = truth.invitation(owner, observed);
      if (owner !== userId || standing === null || standing.state === 'pending') continue;
      beliefs.invitations.set(pairKey(owner, observed), { text: `${standing.state} ${standing.id}`, at: cursor });
    }
    return beliefs;
  }

  take(frame: Frame, at: At, now: number, history: LogHistory): void {
    switch (frame.type) {
      case 'snapshot':
        for (const event of frame.events) this.takeEvent(event, at, now);
        return;
      case 'm.presence':
        return this.takeEvent(frame, at, now);
      case 'forget':
        this.users.delete(frame.user_id);
        return;
      case 'room.presence':
        this.rooms.set(frame.room_id, { text: frame.mode, at });
        return;
      default: {
        const { observer_user: owner, observed_user: observed } = frame.content;
        this.invitations.set(pairKey(owner, observed), { text: noticeText(frame, at, history), at });
      }
    }
  }

  private takeEvent(event: MPresenceEvent, at: At, now: number): void {
    const { last_active_ago: ago } = event.content;
    this.users.set(event.sender, { text: textOf(event), lastActiveTs: ago === undefined ? null : now - ago, at });
  }
}

/** What a client shows of the user. */
export function textOf({ content }: MPresenceEvent): string {
  const { presence, status_msg = null, currently_active = false } = content;
  return shownText({ presence, status_msg, currently_active });
}

/** The frame names no invitation; it is about the one that stood then. */
export function noticeText({ type, content }: ListEvent, at: At, history: LogHistory): string {
  const states = { 'm.presence_invite': 'pending', 'm.presence_accept': 'accepted', 'm.presence_deny': 'denied' };
  return `${states[type]} ${history.at(at).invitation(content.observer_user, content.observed_user)?.id}`;
}

export const pairKey = (owner: string, observed: string): string => JSON.stringify([owner, observed]);

const earlier = (a: At, b: At): At => a.map((position, partition) => lesser(position, b[partition]));

function lesser(a: At[number], b: At[number] | undefined): At[number] {
  if (b === undefined) return a;
  return a.offset < b.offset || (a.offset === b.offset && a.step < b.step) ? a : b;
}
