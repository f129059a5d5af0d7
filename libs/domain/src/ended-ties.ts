import type { Changes } from './changes.ts';
import type { Position, Tie, TieKind, User } from './state.ts';

/** How long an ended tie is kept, in milliseconds of log time, so that a resume can say what ended. */
export const RELATION_KEEP_MS = 24 * 3_600_000;

/** A limit on the work of one record; what is left is forgotten with the next ones. */
const FORGOTTEN_PER_RECORD_MAX = 1_000;

interface Ended {
  readonly userId: string;
  /** Null: the user itself, whose account was removed. */
  readonly tie: { readonly kind: TieKind; readonly other: string; readonly tie: Tie } | null;
  readonly at: Position;
  readonly ts: number;
}

/** Ties that have ended and accounts that were removed, oldest first, until they are forgotten. */
export class EndedTies {
  private queue: Ended[] = [];
  private head = 0;
  private forgotten: Position = { offset: 0, step: 0 };

  /** No tie that ended at or after this position was forgotten. A cursor before it can't be resumed from. */
  get forgottenBefore(): Position {
    return this.forgotten;
  }

  addTie(userId: string, kind: TieKind, other: string, tie: Tie): void {
    if (tie.until === null || tie.untilTs === null) return;
    this.queue.push({ userId, tie: { kind, other, tie }, at: tie.until, ts: tie.untilTs });
  }

  addUser(userId: string, at: Position, ts: number): void {
    this.queue.push({ userId, tie: null, at, ts });
  }

  /** After a restore, which finds them in no order. */
  restored(forgottenBefore: Position): void {
    this.forgotten = forgottenBefore;
    this.queue.sort((a, b) => a.ts - b.ts || a.at.offset - b.at.offset || a.at.step - b.at.step);
  }

  /** Forgets what ended `RELATION_KEEP_MS` ago or before. */
  forget(t: number, users: ReadonlyMap<string, User>, changes: Changes): void {
    let left = FORGOTTEN_PER_RECORD_MAX;
    for (let ended = this.queue[this.head]; ended !== undefined && left > 0; ended = this.queue[this.head], left--) {
      if (ended.ts + RELATION_KEEP_MS > t) break;
      this.head++;
      this.forgotten = { offset: ended.at.offset, step: ended.at.step + 1 };
      forgetOne(ended, users, changes);
    }
    if (this.head > 1_000 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }
}

function forgetOne({ userId, tie }: Ended, users: ReadonlyMap<string, User>, changes: Changes): void {
  const user = users.get(userId);
  if (tie === null) {
    if (user === undefined) changes.forgotten.push(userId);
    return;
  }
  const ties = user?.ties[tie.kind];
  const current = ties?.get(tie.other);
  if (current !== undefined && current !== tie.tie) return; // begun anew since
  ties?.delete(tie.other);
  changes.ties.push({ kind: tie.kind, userId, other: tie.other, tie: null });
}
