import type { Change, UserPresence } from '#client/index';
import type { Person } from './person.ts';
import { asOf } from './person.ts';

/** So many changes are kept; when there are more, the older half can no longer be gone back to. */
const CHANGES_MAX = 20_000;

/** What this page's own stream has brought since its first snapshot: who was seen, and as what, at any time since. */
export class Received {
  /** How far one can go back, milliseconds since the epoch; null: nobody was told of yet. */
  since: number | null = null;
  private readonly first = new Map<string, UserPresence>();
  private readonly changes: { readonly at: number; readonly change: Change }[] = [];

  constructor(private readonly max = CHANGES_MAX) {}

  /** Begins with the roster, which is whole: what came before is not kept. */
  begin(roster: ReadonlyMap<string, UserPresence>, now: number): void {
    for (const [userId, user] of roster) this.first.set(userId, user);
    this.since = now;
  }

  take(change: Change, now: number): void {
    if (this.since === null || !['presence', 'forget', 'reset'].includes(change.type)) return;
    const at = Math.max(now, this.changes.at(-1)?.at ?? this.since); // the clock may have been set back
    this.changes.push({ at, change });
    if (this.changes.length <= this.max) return;
    for (const old of this.changes.splice(0, this.max / 2)) {
      apply(old.change, this.first);
      this.since = old.at;
    }
  }

  /** Who was seen at that time, by user id. */
  at(time: number, now: number): ReadonlyMap<string, Person> {
    const users = new Map(this.first);
    for (const { at, change } of this.changes) {
      if (at > time) break;
      apply(change, users);
    }
    return new Map([...users].map(([userId, user]) => [userId, asOf(user, now - time)]));
  }
}

function apply(change: Change, users: Map<string, UserPresence>): void {
  if (change.type === 'presence') users.set(change.user.userId, change.user);
  else if (change.type === 'forget') users.delete(change.userId);
  else if (change.type === 'reset') users.clear();
}
