import type { Position } from '#domain/state';
import { isBefore, isSamePosition } from '#domain/state';
import type { CheckpointRecord, MemberRecord, StateRecord, VisibilityRecord } from '#domain/state-records';
import { idsOfKey, positionJson, positionOf } from '#domain/state-records';
import type { Clock } from '#runtime/clock/clock';
import type { Policy } from '#domain/policy';
import { missedEnd } from './missed-end.ts';
import type { Place } from './place.ts';
import type { PresenceView } from './presence-view.ts';
import { addTo, removeFrom } from './sets-by-key.ts';
import type { Cursor } from './tie-span.ts';
import { YES } from './tie-span.ts';
import { Subscription } from './subscription.ts';

/** A connection's side of its subscription. */
export interface Subscriber {
  readonly subscription: Subscription;
  /** There are frames to be flushed. `now`, milliseconds, is the same for all who are woken together: they share events. */
  wake(now: number): void;
}

const START: Position = { offset: 0, step: 0 };
const WOKEN_AT_ONCE_MAX = 20;

/**
 * Takes what the projector commits, one checkpoint at a time, and tells the subscriptions whom it concerns: before a
 * change is applied, everybody who sees the user is made to note what its client was told.
 */
export class Hub {
  private readonly byUser = new Map<string, Set<Subscriber>>();
  private readonly byRoom = new Map<string, Set<Subscriber>>();
  private readonly touched = new Set<Subscriber>();
  private readonly cursors: Position[];
  private readonly forgottenBefore: Position[];
  private readonly waiting = new Set<() => void>();
  /** A copy of them that does not change; null: they have changed since. */
  private cursorNow: Cursor | null = null;
  private isFlushDue = false;
  /** By partition: the last that was read. */
  private readonly checkpoints: CheckpointRecord[] = [];
  /** The policy in force, by the last checkpoint that was read; null: none was. */
  policy: Policy | null = null;

  constructor(
    private readonly presence: PresenceView,
    private readonly clock: Clock,
    private readonly flushMs: number,
    /** Hears how many frames a transport was given. */
    readonly given: (frames: number) => void = () => undefined,
  ) {
    this.cursors = Array.from({ length: presence.partitionCount }, () => START);
    this.forgottenBefore = [...this.cursors];
  }

  /** Where the view stands in every partition. */
  get cursor(): Cursor {
    this.cursorNow ??= [...this.cursors];
    return this.cursorNow;
  }

  get subscriberCount(): number {
    let count = 0;
    for (const subscribers of this.byUser.values()) count += subscribers.size;
    return count;
  }

  /** The last checkpoint of a partition that was read: how far its part of the view goes. Undefined: none was. */
  checkpointOf(partition: number): CheckpointRecord | undefined {
    return this.checkpoints[partition];
  }

  /** Whether the view has got as far as the cursor. */
  hasReached(cursor: Cursor): boolean {
    return cursor.every((position, partition) => !isBefore(this.cursors[partition] ?? START, position));
  }

  /** Whether all that ended since the cursor is still known, so that one can resume from it. */
  canResume(cursor: Cursor): boolean {
    if (cursor.length !== this.cursors.length) return false;
    return cursor.every((position, partition) => !isBefore(position, this.forgottenBefore[partition] ?? START));
  }

  /** Resolves at the next checkpoint, with false after `ms` milliseconds without one. */
  nextCheckpoint(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        resolve(true);
      };
      const cancel = this.clock.after(ms, () => {
        this.waiting.delete(done);
        resolve(false);
      });
      this.waiting.add(done);
    });
  }

  /** Begins a subscription: from a place of which the cursor `canResume` and was reached, or from nothing. */
  subscribe(userId: string, since: Place | null, wake: (now: number) => void): Subscriber {
    const subscription = Subscription.begin(userId, this.presence, () => this.cursor, since);
    const subscriber = { subscription, wake };
    addTo(this.byUser, userId, subscriber);
    for (const roomId of this.standingRooms(userId)) addTo(this.byRoom, roomId, subscriber);
    return subscriber;
  }

  unsubscribe(subscriber: Subscriber): void {
    const { userId } = subscriber.subscription;
    removeFrom(this.byUser, userId, subscriber);
    for (const { id } of this.presence.roomsOf(userId)) removeFrom(this.byRoom, id, subscriber);
    this.touched.delete(subscriber);
  }

  /** Takes a record of a commit, and its offset in the state (-1: it has none). Nobody is told before its checkpoint. */
  apply(record: StateRecord, offset = -1): void {
    if (this.byUser.size > 0) this.touchConcerned(record);
    this.presence.apply(record, offset);
    if (record.kind === 'member') this.followMembership(record);
  }

  /** Takes the tombstone of a key: its end, if the view has not heard of that before; and a new account owes no old answer. */
  forget(partition: number, key: string): void {
    const end = missedEnd(key, this.presence, positionJson(this.cursors[partition] ?? START));
    if (end !== null) this.apply(end);
    const { kind, ids } = idsOfKey(key);
    const [observed = '', owner = ''] = ids;
    if (kind === 'answer') this.presence.forgetAnswer(observed, owner);
  }

  /** Ends a commit: what it brought is complete, and can be told. */
  checkpoint(partition: number, checkpoint: CheckpointRecord): void {
    this.policy = checkpoint.policy;
    this.checkpoints[partition] = checkpoint;
    this.cursors[partition] = positionOf(checkpoint.next);
    this.cursorNow = null;
    this.forgottenBefore[partition] = positionOf(checkpoint.forgotten_before);
    this.presence.forgetEnded(partition, positionOf(checkpoint.forgotten_before));
    for (const done of this.waiting) done();
    this.waiting.clear();
    if (this.touched.size === 0 || this.isFlushDue) return;
    this.isFlushDue = true;
    this.clock.after(this.flushMs, () => this.flush());
  }

  /** Wakes who was touched, not all of thousands at once: others, as those who come, have their turn in between. */
  private flush(): void {
    const now = this.clock.now();
    let count = 0;
    for (const subscriber of this.touched) {
      if (count++ === WOKEN_AT_ONCE_MAX) return void this.clock.after(0, () => this.flush());
      this.touched.delete(subscriber);
      subscriber.wake(now);
    }
    this.isFlushDue = false;
  }

  private touchConcerned(record: StateRecord): void {
    switch (record.kind) {
      case 'user': {
        const known = this.presence.users.get(record.user_id)?.announcedAt ?? null;
        if (isSamePosition(known, record.announcement)) return; // silent
        return this.touchWatchers(record.user_id);
      }
      case 'visibility':
        this.touchBlocked(record);
        return this.touchWatchers(record.user_id);
      case 'invite':
      case 'answer':
        return this.touchList(record.owner, record.observed);
      case 'member':
        return this.touchRoom(record);
      case 'checkpoint':
      case 'owner':
      case 'log':
        return;
    }
  }

  /** Everybody who may see the user. */
  private touchWatchers(userId: string): void {
    this.touch(this.byUser.get(userId), [userId]);
    for (const roomId of this.standingRooms(userId)) {
      const room = this.presence.rooms.get(roomId);
      if (room === undefined || this.presence.conveys(room, 'now') !== YES) continue;
      this.note(this.byRoom.get(roomId), (subscription) => subscription.touchRoomMate(userId));
    }
    for (const owner of this.presence.answers.get(userId)?.keys() ?? []) this.touch(this.byUser.get(owner), [userId]);
  }

  /** Those in the room, when somebody joins or leaves it, and all of them when that makes it too large, or not any more. */
  private touchRoom(record: MemberRecord): void {
    const { room_id: roomId, user_id: userId } = record;
    const room = this.presence.rooms.get(roomId) ?? { id: roomId, members: new Map<string, never>(), size: 0 };
    const stood = room.members.get(userId)?.until === null;
    const stands = record.until === null;
    if (stood === stands) return;
    const conveyed = this.presence.conveysWith(room, room.size);
    const conveys = this.presence.conveysWith(room, room.size + (stands ? 1 : -1));
    this.touchMode(this.byUser.get(userId), roomId);
    if (conveyed !== conveys) this.touchMode(this.byRoom.get(roomId), roomId);
    if (!conveyed && !conveys) return;
    const inRoom = this.byRoom.get(roomId);
    this.touch(inRoom, [userId]);
    const sawOthers = this.byUser.get(userId);
    if (conveyed === conveys && sawOthers === undefined) return;
    const standing = [...room.members].filter(([, span]) => span.until === null).map(([member]) => member);
    if (conveyed !== conveys) this.touch(inRoom, standing);
    this.touch(sawOthers, standing);
  }

  private touchList(owner: string, observed: string): void {
    this.touch(this.byUser.get(owner), [observed]);
    for (const userId of [owner, observed]) {
      this.note(this.byUser.get(userId), ({ lists }) => lists.touch(owner, observed));
    }
  }

  /** The user is not told of invitations by those whom it blocks. */
  private touchBlocked({ user_id: userId, blocked }: VisibilityRecord): void {
    const owners = new Set([...this.presence.choiceOf(userId).blocked, ...blocked]);
    this.note(this.byUser.get(userId), ({ lists }) => {
      for (const owner of owners) lists.touch(owner, userId);
    });
  }

  private touchMode(subscribers: ReadonlySet<Subscriber> | undefined, roomId: string): void {
    this.note(subscribers, ({ rooms }) => rooms.touch(roomId));
  }

  private touch(subscribers: ReadonlySet<Subscriber> | undefined, userIds: readonly string[]): void {
    this.note(subscribers, (subscription) => {
      for (const userId of userIds) subscription.touch(userId);
    });
  }

  /** Has subscriptions note what their clients were told, and wakes them after the checkpoint. */
  private note(subscribers: ReadonlySet<Subscriber> | undefined, change: (subscription: Subscription) => void): void {
    for (const subscriber of subscribers ?? []) {
      change(subscriber.subscription);
      this.touched.add(subscriber);
    }
  }

  private followMembership({ room_id: roomId, user_id: userId, until }: MemberRecord): void {
    for (const subscriber of this.byUser.get(userId) ?? []) {
      if (until === null) addTo(this.byRoom, roomId, subscriber);
      else removeFrom(this.byRoom, roomId, subscriber);
    }
  }

  private *standingRooms(userId: string): Iterable<string> {
    for (const { id, members } of this.presence.roomsOf(userId)) if (members.get(userId)?.until === null) yield id;
  }
}
