import type { Changes } from './changes.ts';
import type { Position, Tie, TieKind, User } from './state.ts';
import { isBefore } from './state.ts';

/** How long an ended tie is kept, in milliseconds of log time, so that a resume can say what ended. */
export const RELATION_KEEP_MS = 24 * 3_600_000;

interface Ended {
  readonly user: User;
  /** Null: the user itself, whose account was removed. */
  readonly tie: { readonly kind: TieKind; readonly other: string; readonly tie: Tie } | null;
  readonly at: Position;
  readonly ts: number;
}

/**
 * Ties that have ended and accounts that were removed, oldest first, until they are forgotten. What began anew since, or
 * ended once more, is passed over as if it had never been here: a restore doesn't find it either.
 *
 * An answer to an invitation that has ended is kept as long as its user's account: the invitation may still stand, in
 * another partition, and without the answer it would be pending again.
 */
export class EndedTies {
  private queue: Ended[] = [];
  private head = 0;
  private forgotten: Position = { offset: 0, step: 0 };

  /** No tie that ended at or after this position was forgotten. A cursor before it can't be resumed from. */
  get forgottenBefore(): Position {
    return this.forgotten;
  }

  /** Takes any tie; one that stands, or is an answer, is left. */
  addTie(user: User, kind: TieKind, other: string, tie: Tie): void {
    const { until, untilTs } = tie;
    if (until === null || untilTs === null || kind === 'answer') return;
    this.queue.push({ user, tie: { kind, other, tie }, at: until, ts: untilTs });
  }

  /** Takes an account that was removed, with its answers, be it that they ended before. */
  addUser(user: User, at: Position, ts: number): void {
    for (const [other, tie] of [...(user.ties.answer ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
      this.queue.push({ user, tie: { kind: 'answer', other, tie }, at, ts });
    }
    this.queue.push({ user, tie: null, at, ts });
  }

  /** After a restore, which finds them in no order. */
  restored(forgottenBefore: Position): void {
    this.forgotten = forgottenBefore;
    this.queue.sort((a, b) => a.ts - b.ts || a.at.offset - b.at.offset || a.at.step - b.at.step || compareWhat(a, b));
  }

  /** Forgets what ended `RELATION_KEEP_MS` ago or before. False: about `changesMax` changes wait, and it is to go on. */
  forget(t: number, users: Map<string, User>, changes: Changes, changesMax: number): boolean {
    if (this.head > 1_000 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    for (;;) {
      const ended = this.queue[this.head];
      if (ended === undefined || ended.ts + RELATION_KEEP_MS > t) return true;
      this.head++;
      if (!forgetOne(ended, users, changes)) continue;
      this.forgotten = { offset: ended.at.offset, step: ended.at.step + 1 };
      if (changes.size >= changesMax) return false;
    }
  }
}

/** Returns false if it began anew, or ended once more, since, or is an answer of an account that is there again. */
function forgetOne({ user, tie, at }: Ended, users: Map<string, User>, changes: Changes): boolean {
  const isRemovedSince = user.removedTs !== null && !isBefore(at, user.at);
  if ((tie === null || tie.kind === 'answer') && !isRemovedSince) return false;
  if (tie === null) {
    users.delete(user.id);
    changes.forgotten.push(user);
    changes.visibility.push({ userId: user.id, choice: null, before: null }); // there may never have been one; it does no harm
    return true;
  }
  const ties = user.ties[tie.kind];
  if (ties?.get(tie.other) !== tie.tie) return false;
  ties.delete(tie.other);
  changes.ties.push({ kind: tie.kind, userId: user.id, other: tie.other, tie: null });
  return true;
}

const ORDER = { member: 0, invite: 1, answer: 2 };

/** The order in which `user.removed` ends all at one position. */
function compareWhat({ tie: a }: Ended, { tie: b }: Ended): number {
  if (a === null || b === null) return a === null ? 1 : -1;
  return ORDER[a.kind] - ORDER[b.kind] || (a.other < b.other ? -1 : 1);
}
