import type { TieChange } from '#domain/changes';
import type { Decoded } from '#domain/events';
import { isUserEvent } from '#domain/events';
import type { Fold } from '#domain/fold';
import type { Announcement, User } from '#domain/state';
import type { FoldStep } from '../fold-steps.ts';
import { deadlinesTo } from '../fold-steps.ts';
import { Concurrency } from './concurrency.ts';
import { Outcomes, SILENT } from './outcomes.ts';
import { RoomTimes } from './room-times.ts';
import type { Scope } from './scope.ts';
import type { Session } from './sessions.ts';
import { UserTrack } from './user-track.ts';

/**
 * Makes statistics of what the folds of all partitions do, one partition after another. What is before the scope's time is
 * only followed, to know how things stood then.
 */
export class Statistics {
  readonly concurrency = new Concurrency();
  readonly outcomes = new Outcomes();
  readonly rooms = new RoomTimes();
  readonly sessions: Session[] = [];
  readonly users = new Map<string, UserTrack>();
  /** Log time of the first event of a user, and of the last record. */
  firstAt = Infinity;
  lastAt = 0;

  constructor(readonly scope: Scope) {}

  /** Where the time that is looked at begins. */
  get from(): number {
    return this.scope.from ?? (this.firstAt === Infinity ? this.lastAt : this.firstAt);
  }

  /** Takes what a fold did. All of one partition's come in order. */
  take(step: FoldStep): void {
    const { ts, decoded, changes, changed } = step;
    this.lastAt = Math.max(this.lastAt, ts);
    if (decoded !== null && 'event' in decoded && isUserEvent(decoded.event)) {
      this.firstAt = Math.min(this.firstAt, ts);
      this.track(decoded.event.user_id);
    }
    this.count(step);
    for (const { userId, announcement } of changes.announcements) this.announced(this.track(userId), announcement);
    for (const change of changes.ties) if (change.kind === 'member') this.moved(change, ts);
    if (changed > 0) for (const user of changes.users) this.track(user.id).lastActiveAt = user.lastActiveAt;
  }

  /** Ends at `to`: all folds get there, so that everybody's time does. */
  finish(folds: Iterable<Fold>, to: number): void {
    for (const fold of folds) this.take(deadlinesTo(fold, to));
    for (const track of this.users.values()) {
      this.spend(track, to);
      // Before they were heard of, too; and by now the first event of all partitions is known.
      if (this.scope.room === null) track.offline = Math.max(0, to - this.from) - track.online - track.unavailable;
      if (track.sessionStart !== null) this.sessions.push({ userId: track.id, start: track.sessionStart, end: null });
    }
    this.sessions.sort((a, b) => a.start - b.start || (a.userId < b.userId ? -1 : 1));
  }

  private isInScope(track: UserTrack): boolean {
    const { user, room } = this.scope;
    return (user === null || track.id === user) && (room === null || track.rooms.has(room));
  }

  private isInTime = (ts: number): boolean => this.scope.from === null || ts >= this.scope.from;

  private announced(track: UserTrack, { ts, presence, cause }: Announcement): void {
    this.spend(track, ts);
    const isInScope = this.isInScope(track);
    if (isInScope && this.isInTime(ts)) {
      track.announcements++;
      this.outcomes.add('announced', cause.type);
      this.rooms.announced(track.rooms);
    }
    if (isInScope && presence !== track.presence) {
      this.concurrency.change(ts, track.presence, presence);
      if (track.presence === 'offline') this.begin(track, ts);
      else if (presence === 'offline') this.end(track, ts);
    }
    track.presence = presence;
  }

  private moved({ userId, other, tie }: TieChange, ts: number): void {
    if (tie === null) return; // it ended long ago
    const track = this.track(userId);
    const isMember = tie.until === null;
    if (track.rooms.has(other) === isMember) return;
    this.spend(track, ts);
    const wasInScope = this.isInScope(track);
    if (isMember) track.rooms.add(other);
    else track.rooms.delete(other);
    const { user } = this.scope;
    if (user === null || user === userId) this.rooms[isMember ? 'joined' : 'left'](other);
    const isInScope = this.isInScope(track);
    if (wasInScope === isInScope || track.presence === 'offline') return;
    this.concurrency.change(ts, wasInScope ? track.presence : null, isInScope ? track.presence : null);
    if (isInScope) this.begin(track, ts);
    else this.end(track, ts);
  }

  private begin(track: UserTrack, ts: number): void {
    track.sessionStart = ts;
  }

  private end(track: UserTrack, ts: number): void {
    const start = track.sessionStart;
    track.sessionStart = null;
    if (start === null || !this.isInTime(ts)) return;
    track.sessions++;
    this.sessions.push({ userId: track.id, start, end: ts });
  }

  /** Accounts for the time up to `ts`, in which the user was shown as they are still. */
  private spend(track: UserTrack, ts: number): void {
    const ms = ts - Math.max(track.since, this.from);
    track.since = ts;
    if (ms <= 0 || !this.isInScope(track)) return;
    track[track.presence] += ms;
    this.rooms.shown(track.rooms, track.presence, ms);
  }

  /** Counts what became of the event or the deadlines of a step. */
  private count({ ts, decoded, changes, changed }: FoldStep): void {
    if (!this.isInTime(ts)) return;
    if (decoded === null) return this.countSilentDeadlines(changes.announcements, changes.users, changed);
    const cause = causeOf(decoded);
    if (changes.deadLetters.length > 0) {
      if (this.scope.user === null && this.scope.room === null) this.outcomes.add('refused', cause);
      return;
    }
    const told = new Set(changes.announcements.map(({ userId }) => userId));
    for (const user of changes.users) {
      if (!told.has(user.id) && this.isInScope(this.track(user.id))) {
        this.outcomes.add('silent', cause, this.whySilent(user));
      }
    }
    if (changed > 0 || !('event' in decoded) || !isUserEvent(decoded.event)) return;
    if (this.isInScope(this.track(decoded.event.user_id))) this.outcomes.add('no change', cause);
  }

  /** A deadline that is not told is that of a device of which another one shows the same. */
  private countSilentDeadlines(
    announcements: FoldStep['changes']['announcements'],
    users: ReadonlySet<User>,
    changed: number,
  ): void {
    const { user, room } = this.scope;
    if (user === null && room === null) {
      this.outcomes.add('silent', 'disconnected', SILENT.device, changed - announcements.length);
      return;
    }
    const told = new Set(announcements.map(({ userId }) => userId));
    for (const { id } of users) {
      if (!told.has(id) && this.isInScope(this.track(id))) this.outcomes.add('silent', 'disconnected', SILENT.device);
    }
  }

  private whySilent(user: User): string {
    if (user.lastActiveAt === this.track(user.id).lastActiveAt) return SILENT.unseen;
    return user.announced?.currentlyActive === true ? SILENT.active : SILENT.recent;
  }

  private track(id: string): UserTrack {
    let track = this.users.get(id);
    if (track === undefined) this.users.set(id, (track = new UserTrack(id)));
    return track;
  }
}

function causeOf(decoded: Decoded): string {
  return 'event' in decoded ? decoded.event.type : 'unreadable';
}
