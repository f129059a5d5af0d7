import type { DeadLetter } from '#domain/changes';
import type { Fold, FoldRecord } from '#domain/fold';
import type { Announcement, Presence } from '#domain/state';
import type { Column, Row, Table } from './table.ts';
import { tableOf } from './table.ts';

/** A partition whose records two folds take, by the log's own policy and by another one. */
export interface ComparedPartition {
  readonly own: Fold;
  readonly other: Fold;
  readonly records: AsyncIterable<readonly FoldRecord[]>;
  /** Hears of the records that cannot be folded. */
  readonly refused: (letters: readonly DeadLetter[]) => void;
}

/** What a user is shown as by the two policies, and for how long otherwise. Times are milliseconds. */
interface Compared {
  own: Presence;
  other: Presence;
  since: number;
  ownAnnouncements: number;
  otherAnnouncements: number;
  otherwise: number;
  shown: number;
}

type Side = 'own' | 'other';

/** Two policies side by side over the same records. */
export class WhatIf {
  private readonly users = new Map<string, Compared>();
  private readonly kinds = new Map<string, Record<Side, number>>();

  /** Folds all partitions, and ends at the last record of all of them. */
  static async of(partitions: readonly ComparedPartition[]): Promise<WhatIf> {
    const whatIf = new WhatIf();
    for (const { own, other, records, refused } of partitions) {
      for await (const batch of records) {
        for (const record of batch) {
          own.apply(record);
          other.apply(record);
        }
        whatIf.take(own, other, refused);
      }
    }
    const end = Math.max(0, ...partitions.map(({ own }) => own.logTime));
    for (const { own, other, refused } of partitions) {
      own.advanceTo(end);
      other.advanceTo(end);
      whatIf.take(own, other, refused);
    }
    for (const user of whatIf.users.values()) spend(user, end);
    return whatIf;
  }

  /** The announcements by what made them, and by how many there would be more (or fewer, below 0). */
  byKind(): Table {
    const rows = [...this.kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    return tableOf(
      KIND_COLUMNS,
      rows.map(([kind, { own, other }]): Row => [kind, own, other, other - own]),
    );
  }

  /** Users who are announced another number of times, or are shown otherwise at some time. */
  byUser(): Table {
    const rows = [...this.affected()].sort(([a], [b]) => (a < b ? -1 : 1));
    return tableOf(
      USER_COLUMNS,
      rows.map(([id, user]): Row => [id, user.ownAnnouncements, user.otherAnnouncements, user.otherwise]),
    );
  }

  /** One row. */
  summary(): Table {
    const users = [...this.users.values()];
    const sum = (one: (user: Compared) => number): number => users.reduce((total, user) => total + one(user), 0);
    const [own, other] = [sum((user) => user.ownAnnouncements), sum((user) => user.otherAnnouncements)];
    const [otherwise, shown] = [sum((user) => user.otherwise), sum((user) => user.shown)];
    const percent = shown === 0 ? 0 : (100 * otherwise) / shown;
    const affected = [...this.affected()].length;
    return tableOf(SUMMARY_COLUMNS, [[own, other, other - own, users.length, affected, otherwise, shown, percent]]);
  }

  private *affected(): Iterable<[string, Compared]> {
    for (const [id, user] of this.users) {
      if (user.otherwise > 0 || user.ownAnnouncements !== user.otherAnnouncements) yield [id, user];
    }
  }

  /** What both folds announced since the last time: all of it is later than what they announced before. */
  private take(own: Fold, other: Fold, refused: (letters: readonly DeadLetter[]) => void): void {
    const ofOwn = own.drain();
    refused(ofOwn.deadLetters);
    const announced = [
      ...ofOwn.announcements.map((one) => ({ ...one, side: 'own' as const })),
      ...other.drain().announcements.map((one) => ({ ...one, side: 'other' as const })),
    ].sort((a, b) => a.announcement.ts - b.announcement.ts);
    for (const { userId, announcement, side } of announced) this.announced(userId, announcement, side);
  }

  private announced(userId: string, { ts, presence, cause }: Announcement, side: Side): void {
    let user = this.users.get(userId);
    if (user === undefined) this.users.set(userId, (user = neverShown(ts)));
    spend(user, ts);
    user[side] = presence;
    user[`${side}Announcements`]++;
    let kind = this.kinds.get(cause.type);
    if (kind === undefined) this.kinds.set(cause.type, (kind = { own: 0, other: 0 }));
    kind[side]++;
  }
}

const KIND_COLUMNS: readonly Column[] = [
  { name: 'cause_type', type: 'text' },
  { name: 'announcements', type: 'integer' },
  { name: 'what_if', type: 'integer' },
  { name: 'added', type: 'integer' },
];

const USER_COLUMNS: readonly Column[] = [
  { name: 'user_id', type: 'text' },
  { name: 'announcements', type: 'integer' },
  { name: 'what_if', type: 'integer' },
  { name: 'otherwise_ms', type: 'integer' },
];

const SUMMARY_COLUMNS: readonly Column[] = [
  { name: 'announcements', type: 'integer' },
  { name: 'what_if', type: 'integer' },
  { name: 'added', type: 'integer' },
  { name: 'users', type: 'integer' },
  { name: 'users_affected', type: 'integer' },
  { name: 'otherwise_ms', type: 'integer' },
  { name: 'shown_ms', type: 'integer' },
  { name: 'otherwise_percent', type: 'real' },
];

function neverShown(since: number): Compared {
  return {
    own: 'offline',
    other: 'offline',
    since,
    ownAnnouncements: 0,
    otherAnnouncements: 0,
    otherwise: 0,
    shown: 0,
  };
}

/** Accounts for the time up to `ts`. */
function spend(user: Compared, ts: number): void {
  const ms = ts - user.since;
  user.since = ts;
  if (user.own !== user.other) user.otherwise += ms;
  if (user.own !== 'offline' || user.other !== 'offline') user.shown += ms;
}
