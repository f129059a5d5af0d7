import type { MPresenceEvent } from '#domain/m-presence';
import { isSamePosition } from '#domain/state';
import type { Frame } from './frame.ts';
import { ListNews } from './list-news.ts';
import type { Told } from './news.ts';
import { toldAt } from './news.ts';
import type { Place } from './place.ts';
import type { KnownUser, PresenceView } from './presence-view.ts';
import { RoomModes } from './room-modes.ts';
import type { Cursor } from './tie-span.ts';
import { NO, YES } from './tie-span.ts';

/** Frames to be sent, and, when the client then is up to date, the place that says so. */
export interface Flush {
  readonly frames: readonly Frame[];
  readonly place: Place | null;
}

/** All there is to be told at one moment, or its first part, and where the client then stands. */
export interface Page {
  readonly frames: readonly Frame[];
  readonly place: Place;
}

const USERS_PER_FLUSH_MAX = 500;

/**
 * The queue of one client, which is virtual: it holds no events, but for each user who changed what the client was
 * last told of them, and makes the events when they can be sent. So it never has more than one entry for each watched
 * user, the latest state wins, and a change that was undone before it was sent is not sent at all.
 */
export class Subscription {
  readonly rooms: RoomModes;
  readonly lists: ListNews;
  private told = new Map<string, Told>();
  /** How many of the first entries belong to the snapshot; null when there is none to be sent. */
  private snapshotLeft: number | null = null;
  /** Where a client begins that knows nothing; null: it goes on. */
  private startedAt: Cursor | null = null;

  private constructor(
    readonly userId: string,
    private readonly presence: PresenceView,
    /** Where the view stands now. */
    private readonly cursor: () => Cursor,
  ) {
    this.rooms = new RoomModes(userId, presence);
    this.lists = new ListNews(userId, presence);
  }

  /** A client that knows nothing gets a snapshot of everybody it may see; another, what it missed since its place. */
  static begin(userId: string, presence: PresenceView, cursor: () => Cursor, since: Place | null): Subscription {
    const subscription = new Subscription(userId, presence, cursor);
    const tied = presence.tiedTo(userId, 'now');
    if (since === null) {
      subscription.startedAt = cursor();
      subscription.beginSnapshot([...tied.keys()]);
    } else {
      const { after } = since;
      if (after !== null) subscription.beginSnapshot([...tied.keys()].filter((other) => other > after));
      subscription.resume(since, tied.keys());
    }
    subscription.rooms.begin(since?.cursor ?? null);
    subscription.lists.begin(since?.cursor ?? null);
    return subscription;
  }

  /** Must be called before a change of what the client sees of the user is applied. */
  touch(userId: string): void {
    if (!this.told.has(userId)) this.told.set(userId, this.presence.view(this.userId, userId));
  }

  /** The same, of whom the client shares a room with that conveys presence: that need not be found out for each of a room. */
  touchRoomMate(userId: string): void {
    if (!this.told.has(userId)) this.told.set(userId, this.presence.viewOfRoomMate(this.userId, userId));
  }

  /** The client is told of everybody, whatever it was told before, those who are offline included. */
  tellAll(): void {
    this.snapshotLeft = null;
    for (const other of this.presence.tiedTo(this.userId, 'now').keys()) this.told.set(other, 'unknown');
  }

  get hasNews(): boolean {
    return this.told.size + this.rooms.size + this.lists.size > 0 || this.snapshotLeft !== null;
  }

  /** Takes the next frames. `now` is the moment of sending, milliseconds. */
  flush(now: number): Flush {
    const isSnapshot = this.snapshotLeft !== null;
    const frames = isSnapshot ? this.snapshotPage(USERS_PER_FLUSH_MAX, now) : this.changes(USERS_PER_FLUSH_MAX, now);
    if (this.snapshotLeft !== null) return { frames, place: null };
    if (this.rooms.size + this.lists.size > 0) frames.push(...this.rooms.take(), ...this.lists.take());
    // What came since then is still to be told. Who went on within a snapshot has older things to be told.
    if (isSnapshot && this.startedAt !== null) return { frames, place: { cursor: this.startedAt, after: null } };
    return { frames, place: this.told.size === 0 ? { cursor: this.cursor(), after: null } : null };
  }

  /** Takes all frames at once, but of a snapshot no more than so many users: the rest follows from the place. */
  page(snapshotUsersMax: number, now: number): Page {
    let after: string | null = null;
    let snapshot: Frame[] = [];
    if (this.snapshotLeft !== null) {
      after = this.lastOf(Math.min(this.snapshotLeft, snapshotUsersMax));
      snapshot = this.snapshotPage(snapshotUsersMax, now);
      if (this.snapshotLeft === null) after = null;
      else this.take(this.snapshotLeft); // the place leaves them for later
      this.snapshotLeft = null;
    }
    const frames = [...snapshot, ...this.changes(Infinity, now), ...this.rooms.take(), ...this.lists.take()];
    return { frames, place: { cursor: this.cursor(), after } };
  }

  /** By user id, in the order in which `<` compares them. */
  private beginSnapshot(userIds: string[]): void {
    for (const other of userIds.toSorted()) this.told.set(other, null);
    this.snapshotLeft = this.told.size;
  }

  private resume({ cursor, after }: Place, tied: Iterable<string>): void {
    const then = this.presence.tiedTo(this.userId, cursor);
    for (const other of tied) {
      const held = then.get(other) ?? NO;
      then.delete(other);
      if (after !== null && other > after) continue; // it comes with the rest of the snapshot
      const told = held === YES ? toldAt(this.presence, this.userId, other, cursor) : held === NO ? null : 'unknown';
      if (told !== this.presence.view(this.userId, other)) this.told.set(other, told);
    }
    for (const gone of then.keys()) if (after === null || gone <= after) this.told.set(gone, 'unknown');
  }

  /** Always a frame, the last also when it has no events. */
  private snapshotPage(usersMax: number, now: number): Frame[] {
    const left = this.snapshotLeft ?? 0;
    const count = Math.min(left, usersMax);
    const events: MPresenceEvent[] = [];
    for (const [userId] of this.take(count)) {
      const state = this.presence.view(this.userId, userId);
      // Those who are offline without a message are left out: that is what a client assumes.
      if (state !== null && (state.presence !== 'offline' || state.statusMsg !== null)) {
        events.push(this.presence.events.of(userId, state, now));
      }
    }
    const more = left > count;
    this.snapshotLeft = more ? left - count : null;
    return [{ type: 'snapshot', events, more }];
  }

  private changes(usersMax: number, now: number): Frame[] {
    const frames: Frame[] = [];
    for (const [userId, told] of this.take(usersMax)) {
      const state = this.presence.view(this.userId, userId);
      if (state === null) {
        if (told !== null) frames.push({ type: 'forget', user_id: userId });
      } else if (told === null || told === 'unknown' || differs(told, state)) {
        frames.push(this.presence.events.of(userId, state, now));
      }
    }
    return frames;
  }

  private lastOf(count: number): string | null {
    let index = 0;
    for (const userId of this.told.keys()) if (++index === count) return userId;
    return null;
  }

  /** Takes the oldest entries out. */
  private take(count: number): Iterable<[string, Told]> {
    if (this.told.size <= count) {
      const all = this.told;
      this.told = new Map();
      return all;
    }
    const taken: [string, Told][] = [];
    for (const entry of this.told) {
      if (taken.length === count) break;
      taken.push(entry);
    }
    for (const [userId] of taken) this.told.delete(userId);
    return taken;
  }
}

/** Whether a client sees a difference. A last active time that has moved is one only when that was announced. */
function differs(told: KnownUser, state: KnownUser): boolean {
  if (
    told.presence !== state.presence ||
    told.statusMsg !== state.statusMsg ||
    told.currentlyActive !== state.currentlyActive
  ) {
    return true;
  }
  if (state.currentlyActive || told.lastActiveTs === state.lastActiveTs) return false;
  return !isSamePosition(told.announcedAt, state.announcedAt);
}
