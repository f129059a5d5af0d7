import type { PublicState, VisibilityChoice } from './state.ts';

/** `full`: sees the state. `offline`: sees an ordinary offline user. `nothing`: may not know that there is such a user. */
export type Sight = 'full' | 'offline' | 'nothing';

/** What stands between an observer and an observed user. */
export interface Relation {
  readonly observer: string;
  readonly observed: string;
  /** They share a room that conveys presence. */
  readonly sharesRoom: boolean;
  /** The observer's standing invitation is the one which the observed last accepted. */
  readonly follows: boolean;
  readonly choice: VisibilityChoice;
}

/** Why an observer sees what it sees. */
export type SightReason = 'self' | 'no_tie' | 'blocked' | 'hidden' | 'contacts_only' | 'accepted_list' | 'shared_room';

const SIGHT: Readonly<Record<SightReason, Sight>> = {
  self: 'full',
  no_tie: 'nothing',
  blocked: 'offline',
  hidden: 'offline',
  contacts_only: 'offline',
  accepted_list: 'full',
  shared_room: 'full',
};

/**
 * Who sees whom (semantics, section 7). Every read, snapshot and fan-out asks this function. Whoever blocks or hides is
 * not found out: to those who have a tie with them, they are an ordinary offline user.
 */
export function sightOf(relation: Relation): Sight {
  return SIGHT[sightReason(relation)];
}

/** The same rule, and which part of it decides. For the observed and for upstream services only. */
export function sightReason({ observer, observed, sharesRoom, follows, choice }: Relation): SightReason {
  if (observer === observed) return 'self';
  if (!sharesRoom && !follows) return 'no_tie';
  if (choice.blocked.includes(observer)) return 'blocked';
  if (choice.showTo === 'nobody') return 'hidden';
  if (follows) return 'accepted_list';
  return choice.showTo === 'contacts' ? 'contacts_only' : 'shared_room';
}

/** The state as the observer sees it, where `unheardOf` is an ordinary offline user's; null: nothing. */
export function seen<State extends PublicState>(sight: Sight, state: State, unheardOf: State): State | null {
  if (sight === 'nothing') return null;
  return sight === 'full' ? state : unheardOf;
}

export interface RoomPolicy {
  /** A room with more members conveys no presence. */
  readonly membersMax: number;
  readonly excluded: ReadonlySet<string>;
}

/** Why a room conveys no presence. */
export type RoomSilence = 'over_the_cap' | 'excluded';

/** Null: it conveys presence. */
export function roomSilence(roomId: string, memberCount: number, policy: RoomPolicy): RoomSilence | null {
  if (memberCount > policy.membersMax) return 'over_the_cap';
  return policy.excluded.has(roomId) ? 'excluded' : null;
}

export function roomConveys(roomId: string, memberCount: number, policy: RoomPolicy): boolean {
  return roomSilence(roomId, memberCount, policy) === null;
}
