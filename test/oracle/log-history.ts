import type { LogRecord } from './naive-fold.ts';
import { NaiveFold } from './naive-fold.ts';
import type { Moment, RoomRule } from './truth.ts';
import { Truth } from './truth.ts';

/** Positions of all partitions, as a reader of the state has them. */
export type At = readonly { readonly offset: number; readonly step: number }[];

/** What was true at every position of a log, by the naive fold. */
export class LogHistory {
  readonly folds: NaiveFold[] = [];
  /** By partition, and by offset; the last one is after all records. */
  readonly moments: Moment[][] = [];
  /** Everybody who ever was there. */
  readonly users = new Set<string>();
  private readonly roomsEver = new Map<string, Set<string>>();
  private readonly truths = new Map<string, Truth>();

  /** `partitionOf` says to which partition a user belongs. */
  constructor(
    partitions: readonly (readonly LogRecord[])[],
    readonly partitionOf: (userId: string) => number,
    private readonly roomRule: RoomRule,
  ) {
    for (const records of partitions) {
      const fold = new NaiveFold();
      const moments = [momentOf(fold)];
      for (const record of records) {
        const announcedBefore = fold.announcements.length;
        fold.apply(record);
        const [before, after] = [moments.at(-1) as Moment, momentOf(fold)];
        before.announced = fold.announcements.slice(announcedBefore);
        before.changed = differences(before.facts, after.facts);
        for (const [kind, room = '', userId = ''] of before.changed) {
          if (kind === 'member')
            this.roomsEver.set(userId, (this.roomsEver.get(userId) ?? new Set<string>()).add(room));
        }
        before.timeAfter = fold.time;
        moments.push(after);
        for (const userId of fold.users()) this.users.add(userId);
      }
      this.folds.push(fold);
      this.moments.push(moments);
    }
  }

  /** After all records. */
  get end(): At {
    return this.moments.map((moments) => ({ offset: moments.length - 1, step: 0 }));
  }

  at(cursor: At): Truth {
    const key = cursor.map(({ offset, step }) => `${offset} ${step}`).join();
    let truth = this.truths.get(key);
    if (truth === undefined) {
      truth = new Truth(
        cursor.map(({ offset, step }, partition) => ({ moment: this.moment(partition, offset), isWithin: step > 0 })),
        this.partitionOf,
        this.roomRule,
      );
      this.truths.set(key, truth);
    }
    return truth;
  }

  usersSeenBy(observer: string, cursor: At): string[] {
    const truth = this.at(cursor);
    return [...this.users].filter((userId) => truth.seen(observer, userId) !== null);
  }

  /** Keys of the facts that changed in a stretch. */
  changed(from: At, to: At): (readonly string[])[] {
    return this.moments.flatMap((_, partition) => this.stretch(partition, from, to).flatMap(({ changed }) => changed));
  }

  /** Rooms in which both have ever been, be it at the same time or not. */
  roomsShared(a: string, b: string): Set<string> {
    const roomsOf = (userId: string): Set<string> => this.roomsEver.get(userId) ?? new Set<string>();
    return new Set([...roomsOf(a)].filter((room) => roomsOf(b).has(room)));
  }

  wasAnnounced(userId: string, from: At, to: At): boolean {
    const moments = this.stretch(this.partitionOf(userId), from, to);
    return moments.some(({ announced }) => announced.some(({ user_id }) => user_id === userId));
  }

  /** Every cursor of the rectangle between two at which the facts may be others. A reader's way led through some of them. */
  *between(from: At, to: At): Iterable<At> {
    const stops = from.map(({ offset: first, step }, partition) => {
      const last = to[partition]?.offset ?? first;
      const moments = (this.moments[partition] ?? []).slice(first, last);
      const later = moments.flatMap(({ changed }, index) => (changed.length > 0 ? [first + index + 1] : []));
      return [{ offset: first, step }, ...later.map((offset) => ({ offset, step: 0 }))];
    });
    yield* combinations(stops);
  }

  /** The records that a reader took on its way. Within a record nobody knows what was before, so it is all in. */
  private stretch(partition: number, from: At, to: At): Moment[] {
    const { offset: first } = from[partition] ?? { offset: 0 };
    const { offset, step } = to[partition] ?? { offset: 0, step: 0 };
    return (this.moments[partition] ?? []).slice(first, step > 0 ? offset + 1 : offset);
  }

  private moment(partition: number, offset: number): Moment {
    const moment = this.moments[partition]?.[offset];
    if (moment === undefined) throw new RangeError(`Partition ${partition} has no offset ${offset}.`);
    return moment;
  }
}

function momentOf(fold: NaiveFold): Moment {
  const states = new Map(fold.users().map((userId) => [userId, fold.publicState(userId)]));
  return { timeAfter: fold.time, states, facts: fold.facts(), announced: [], changed: [] };
}

function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[][] {
  const keys = [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
  return keys.map((key) => JSON.parse(key) as string[]);
}

function* combinations<Item>(choices: readonly (readonly Item[])[]): Iterable<Item[]> {
  const [first, ...others] = choices;
  if (first === undefined) yield [];
  else for (const rest of combinations(others)) for (const item of first) yield [item, ...rest];
}
