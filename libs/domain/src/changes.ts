import type { Announcement, StandingChoice, Tie, TieKind, User } from './state.ts';

export interface TieChange {
  readonly kind: TieKind;
  readonly userId: string;
  /** The room, the observed, or the list's owner. */
  readonly other: string;
  /** Null: ended long ago, to be forgotten. */
  readonly tie: Tie | null;
}

export interface VisibilityChange {
  readonly userId: string;
  /** Null: the account was removed long ago, to be forgotten. */
  readonly choice: StandingChoice | null;
  /** The choice that it replaced. */
  readonly before: StandingChoice | null;
}

export interface DeadLetter {
  readonly offset: number;
  /** A sentence. */
  readonly reason: string;
}

/** What the fold has changed since it was last drained; of a user, the latest counts. */
export class Changes {
  readonly users = new Set<User>();
  readonly ties: TieChange[] = [];
  readonly visibility: VisibilityChange[] = [];
  /** Users whose account was removed so long ago that nobody needs to hear of it any more. */
  readonly forgotten: User[] = [];
  readonly deadLetters: DeadLetter[] = [];
  readonly announcements: { readonly userId: string; readonly announcement: Announcement }[] = [];

  /** How many records they will be, about. */
  get size(): number {
    return this.users.size + this.ties.length + this.visibility.length + this.forgotten.length;
  }
}
