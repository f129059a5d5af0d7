import type { Changes } from '#domain/changes';
import { partitionOf } from '#domain/partitioner';
import type { Position } from '#domain/state';
import { isBefore } from '#domain/state';
import { stateText } from '../support/live-view.ts';

/** What was true of a user from a position on. */
export interface Entry {
  readonly position: Position;
  readonly text: string;
  readonly rooms: ReadonlySet<string>;
  readonly showTo: string;
  readonly blocked: readonly string[];
}

interface Move {
  readonly position: Position;
  readonly userId: string;
}

type Cursor = readonly Position[];

export const OFFLINE = stateText('offline', false, null);
export const START: Position = { offset: 0, step: 0 };
const UNHEARD: Entry = { position: START, text: OFFLINE, rooms: new Set(), showTo: 'everyone', blocked: [] };

/** What was true of each user at which position of the log. */
export class History {
  private readonly byUser = new Map<string, Entry[]>();
  /** By partition, in order. */
  private readonly moves: Move[][];

  constructor(readonly partitionCount: number) {
    this.moves = Array.from({ length: partitionCount }, () => []);
  }

  /** Everybody who ever was there. */
  get users(): Iterable<string> {
    return this.byUser.keys();
  }

  partitionOf(userId: string): number {
    return partitionOf(userId, this.partitionCount);
  }

  at(userId: string, position: Position): Entry {
    return this.byUser.get(userId)?.findLast((entry) => isBefore(entry.position, position)) ?? UNHEARD;
  }

  /** What was true of the user for a reader at the position, and after each change up to the other one. */
  between(userId: string, from: Position, to: Position): Entry[] {
    const entries = this.byUser.get(userId) ?? [];
    const first = entries.findLastIndex(({ position }) => isBefore(position, from));
    const later = entries.slice(first + 1);
    const end = later.findIndex(({ position }) => !isBefore(position, to));
    return [entries[first] ?? UNHEARD, ...(end < 0 ? later : later.slice(0, end))];
  }

  /** Who changed for a reader who went from one position of the partition to the other. */
  movedBetween(partition: number, from: Position, to: Position): Set<string> {
    const moves = this.moves[partition] ?? [];
    return new Set(moves.slice(indexOf(moves, from), indexOf(moves, to)).map(({ userId }) => userId));
  }

  /** Takes what one record has changed. */
  take(partition: number, { announcements, ties, visibility }: Changes): void {
    const noted: [Move, Partial<Entry>][] = [];
    for (const { userId, announcement } of announcements) {
      const { position, presence, currentlyActive, statusMsg } = announcement;
      noted.push([{ position, userId }, { text: stateText(presence, currentlyActive, statusMsg) }]);
    }
    for (const { userId, other, tie, kind } of ties) {
      if (kind !== 'member' || tie === null) continue;
      const rooms = new Set(this.byUser.get(userId)?.at(-1)?.rooms);
      if (tie.until === null) rooms.add(other);
      else rooms.delete(other);
      noted.push([{ position: tie.until ?? tie.since, userId }, { rooms }]);
    }
    for (const { userId, choice } of visibility) {
      if (choice === null) continue;
      noted.push([
        { position: choice.at, userId },
        { showTo: choice.showTo, blocked: choice.blocked },
      ]);
    }
    for (const [move, change] of noted.toSorted(([a], [b]) => a.position.step - b.position.step)) {
      this.note(partition, move, change);
    }
  }

  /** Forgets what was before all the cursors. */
  forgetBefore(cursors: readonly Cursor[]): void {
    const first = this.moves.map((_, partition) =>
      cursors.map((cursor) => cursor[partition] ?? START).reduce((a, b) => (isBefore(b, a) ? b : a)),
    );
    for (const [userId, entries] of this.byUser) {
      const from = first[this.partitionOf(userId)] ?? START;
      entries.splice(
        0,
        Math.max(
          0,
          entries.findLastIndex(({ position }) => isBefore(position, from)),
        ),
      );
    }
    this.moves.forEach((moves, partition) => moves.splice(0, indexOf(moves, first[partition] ?? START)));
  }

  private note(partition: number, move: Move, change: Partial<Entry>): void {
    const { position, userId } = move;
    const entries = this.byUser.get(userId) ?? [];
    const last = entries.at(-1) ?? UNHEARD;
    if (last !== UNHEARD && !isBefore(last.position, position)) entries.pop(); // the same step: one change to a reader
    entries.push({ ...last, ...change, position });
    this.byUser.set(userId, entries);
    this.moves[partition]?.push(move);
  }
}

/** Of the first that is not before the position. */
function indexOf(moves: readonly Move[], position: Position): number {
  let [low, high] = [0, moves.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore((moves[middle] as Move).position, position)) low = middle + 1;
    else high = middle;
  }
  return low;
}
