import type { MPresenceEvent } from '#domain/m-presence';
import { mPresence } from '#domain/m-presence';
import { isSamePosition } from '#domain/state';
import { isNews } from './news.ts';
import type { KnownUser, PresenceView } from './presence-view.ts';
import type { Cursor } from './tie-span.ts';
import { MAYBE, NO } from './tie-span.ts';

/** What the client was last told of a user: a state, nothing, or not known (it resumed). */
export type Told = KnownUser | null | 'unknown';

export type Frame =
  | { readonly type: 'snapshot'; readonly events: readonly MPresenceEvent[]; readonly more: boolean }
  | MPresenceEvent
  | { readonly type: 'forget'; readonly user_id: string };

/** Frames to be sent, and, when the client then is up to date, the cursor that says so. */
export interface Flush {
  readonly frames: readonly Frame[];
  readonly cursor: Cursor | null;
}

const FRAMES_PER_FLUSH_MAX = 500;

/**
 * The queue of one connection, which is virtual: it holds no events, but for each user who changed what the client was
 * last told of them, and makes the events when they can be sent. So it never has more than one entry for each watched
 * user, the latest state wins, and a change that was undone before it was sent is not sent at all.
 */
export class Subscription {
  private readonly told = new Map<string, Told>();
  /** How many of the first entries belong to the snapshot; null when there is none to be sent. */
  private snapshotLeft: number | null = null;
  private readonly startedAt: Cursor;

  private constructor(
    readonly userId: string,
    private readonly presence: PresenceView,
    /** Where the view stands now. */
    private readonly cursor: () => Cursor,
  ) {
    this.startedAt = cursor();
  }

  /** A client that knows nothing: it gets a snapshot of everybody it may see. */
  static fresh(userId: string, presence: PresenceView, cursor: () => Cursor): Subscription {
    const subscription = new Subscription(userId, presence, cursor);
    for (const other of presence.tiedTo(userId, 'now').keys()) subscription.told.set(other, null);
    subscription.snapshotLeft = subscription.told.size;
    return subscription;
  }

  /** A client that has seen everything up to a cursor: it gets what it missed. */
  static resumed(userId: string, presence: PresenceView, cursor: () => Cursor, since: Cursor): Subscription {
    const subscription = new Subscription(userId, presence, cursor);
    const then = presence.tiedTo(userId, since);
    for (const other of presence.tiedTo(userId, 'now').keys()) {
      const held = then.get(other) ?? NO;
      if (held === NO) subscription.told.set(other, null);
      else if (held === MAYBE || isNews(presence, userId, other, since)) subscription.told.set(other, 'unknown');
      then.delete(other);
    }
    for (const gone of then.keys()) subscription.told.set(gone, 'unknown');
    return subscription;
  }

  /** Must be called before a change of what the client sees of the user is applied. */
  touch(userId: string): void {
    if (!this.told.has(userId)) this.told.set(userId, this.presence.view(this.userId, userId));
  }

  get hasNews(): boolean {
    return this.told.size > 0 || this.snapshotLeft !== null;
  }

  /** Users who changed since the client was told. */
  get size(): number {
    return this.told.size;
  }

  /** Takes the next frames. `now` is the moment of sending, milliseconds. */
  flush(now: number): Flush {
    return this.snapshotLeft === null ? this.flushChanges(now) : this.flushSnapshot(this.snapshotLeft, now);
  }

  private flushSnapshot(left: number, now: number): Flush {
    const page = Math.min(left, FRAMES_PER_FLUSH_MAX);
    const events: MPresenceEvent[] = [];
    for (const [userId] of this.take(page)) {
      const state = this.presence.view(this.userId, userId);
      // Those who are offline without a message are left out: that is what a client assumes.
      if (state !== null && (state.presence !== 'offline' || state.statusMsg !== null)) {
        events.push(mPresence(userId, state, now));
      }
    }
    const more = left > page;
    this.snapshotLeft = more ? left - page : null;
    return { frames: [{ type: 'snapshot', events, more }], cursor: more ? null : this.startedAt };
  }

  private flushChanges(now: number): Flush {
    const frames: Frame[] = [];
    for (const [userId, told] of this.take(FRAMES_PER_FLUSH_MAX)) {
      const state = this.presence.view(this.userId, userId);
      if (state === null) {
        if (told !== null) frames.push({ type: 'forget', user_id: userId });
      } else if (told === null || told === 'unknown' || differs(told, state)) {
        frames.push(mPresence(userId, state, now));
      }
    }
    return { frames, cursor: this.told.size === 0 ? this.cursor() : null };
  }

  /** Takes the oldest entries out. */
  private take(count: number): [string, Told][] {
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
