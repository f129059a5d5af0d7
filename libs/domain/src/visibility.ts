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

/**
 * Who sees whom (semantics, section 7). Every read, snapshot and fan-out asks this function. Whoever blocks or hides is
 * not found out: to those who have a tie with them, they are an ordinary offline user.
 */
export function sightOf({ observer, observed, sharesRoom, follows, choice }: Relation): Sight {
  if (observer === observed) return 'full';
  if (!sharesRoom && !follows) return 'nothing';
  if (choice.blocked.includes(observer) || choice.showTo === 'nobody') return 'offline';
  return choice.showTo === 'contacts' && !follows ? 'offline' : 'full';
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

export function roomConveys(roomId: string, memberCount: number, policy: RoomPolicy): boolean {
  return memberCount <= policy.membersMax && !policy.excluded.has(roomId);
}
