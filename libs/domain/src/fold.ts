import { causeOfDeadline, causeOfEvent } from './cause.ts';
import { Changes } from './changes.ts';
import { Deadlines } from './deadlines.ts';
import type { Decoded, EventOf, PartitionEvent, UserEvent } from './events.ts';
import { isUserEvent } from './events.ts';
import { partitionOf } from './partitioner.ts';
import type { Policy } from './policy.ts';
import { ARCHIVE_POLICY, changePolicy } from './policy.ts';
import { isAnnounced, nextDeadline, publicState } from './presence.ts';
import { EndedTies } from './ended-ties.ts';
import type { Announcement, Position, PublicState, Source, User } from './state.ts';
import { newSource, newUser } from './state.ts';
import { SharedStrings } from './shared-strings.ts';
import type { Step } from './step.ts';
import { removeDue } from './step.ts';
import { applyUserEvent } from './user-events.ts';

/** A record of `presence.events` as the fold takes it. */
export interface FoldRecord {
  readonly offset: number;
  /** The record's own timestamp, milliseconds; log time is the largest so far. */
  readonly timestamp: number;
  /** Undefined where records have no keys, as in a file: then neither key nor partition is checked. */
  readonly key?: string | null;
  readonly decoded: Decoded;
}

export interface FoldOptions {
  /** The policy before the log's first `policy.set`. */
  readonly policy?: Policy;
  /** What if: values that hold whatever the log says. */
  readonly policyOverride?: Partial<Policy>;
  /** Which partition this is, of how many; without it the partition of a key is not checked. */
  readonly partition?: { readonly index: number; readonly count: number };
}

/** What a checkpoint says of the fold, besides its users and ties (architecture, "Topics"). */
export interface FoldCheckpoint {
  /** All before this position is done. With a step, the record at `offset` is to be begun again. */
  readonly next: Position;
  readonly t: number;
  readonly policy: Policy;
  readonly sources: readonly (readonly [id: string, leaseEnd: number])[];
  /** No tie that ended at or after this position was forgotten yet. */
  readonly forgottenBefore: Position;
}

/** Users to be looked at at one instant, in the order of the output (by user id). */
interface Instant {
  readonly at: number;
  readonly users: User[];
  /** Null: their deadlines. */
  readonly event: 'policy.set' | null;
}

/**
 * The fold of one partition (semantics): takes records in order, keeps the state, and collects what changed. It reads
 * no clock; the same records give the same changes, however they are cut into pieces.
 */
export class Fold {
  private usersById = new Map<string, User>();
  private readonly sources = new Map<string, Source>();
  private readonly deadlines = new Deadlines<User | Source>();
  private readonly ended = new EndedTies();
  private readonly roomIds = new SharedStrings();
  private readonly partition: FoldOptions['partition'];
  private readonly policyOverride: Partial<Policy>;
  private policyNow: Policy;
  private t = 0;
  private next: Position = { offset: 0, step: 0 };
  private record: FoldRecord | null = null;
  private instant: Instant | null = null;
  private isEventApplied = false;
  private changes = new Changes();

  constructor(options: FoldOptions = {}) {
    this.partition = options.partition;
    this.policyOverride = options.policyOverride ?? {};
    this.policyNow = { ...(options.policy ?? ARCHIVE_POLICY), ...this.policyOverride };
  }

  /** Continues from a checkpoint and what was written with it or before it. */
  static restore(options: FoldOptions, checkpoint: FoldCheckpoint, { users, sources }: RestoredState): Fold {
    const fold = new Fold({ ...options, policy: checkpoint.policy });
    fold.next = checkpoint.next;
    fold.t = checkpoint.t;
    fold.usersById = users;
    for (const [id, leaseEnd] of checkpoint.sources) {
      const source = sources.get(id) ?? newSource(id);
      source.leaseEnd = leaseEnd;
      fold.sources.set(id, source);
    }
    for (const user of users.values()) {
      for (const { connections } of user.devices) for (const { source } of connections) source?.users.add(user);
      for (const kind of ['member', 'invite'] as const) {
        user.ties[kind]?.forEach((tie, other) => fold.ended.addTie(user, kind, other, tie));
      }
      if (user.removedTs !== null) fold.ended.addUser(user, user.at, user.removedTs);
    }
    fold.ended.restored(checkpoint.forgottenBefore);
    for (const user of users.values()) fold.scheduleUser(user, fold.t);
    for (const source of fold.sources.values()) fold.scheduleSource(source);
    return fold;
  }

  get logTime(): number {
    return this.t;
  }

  get policy(): Policy {
    return this.policyNow;
  }

  /** Time of the next deadline, as a projector needs it to know when a tick is due; Infinity when there is none. */
  nextDeadlineAt(): number {
    for (;;) {
      const at = this.deadlines.peek();
      if (at === Infinity) return at;
      const item = this.deadlines.take();
      if (item === null) continue;
      if (!('users' in item)) this.scheduleUser(item, at - 1);
      else if (item.users.size > 0 || item.leaseEnd > this.t) this.scheduleSource(item);
      if (this.deadlines.peek() === at) return at;
    }
  }

  /** The next record to take, and how much of it is done. */
  get position(): Position {
    return this.next;
  }

  get userCount(): number {
    return this.usersById.size;
  }

  get deadlineEntries(): number {
    return this.deadlines.size;
  }

  /** A user who was heard of, and whose account was not removed. */
  user(id: string): User | undefined {
    const user = this.usersById.get(id);
    return user?.removedTs === null ? user : undefined;
  }

  *users(): IterableIterator<User> {
    for (const user of this.usersById.values()) if (user.removedTs === null) yield user;
  }

  /** The same, and those whose account was removed and is not forgotten yet: of all these `presence.state` has records. */
  *remembered(): IterableIterator<User> {
    yield* this.usersById.values();
  }

  checkpoint(): FoldCheckpoint {
    // Within an instant some users are done and some are not. Looking again at one who is done changes nothing.
    const t = this.instant?.event === null ? this.instant.at - 1 : this.t;
    this.pruneSources(t);
    return {
      next: this.next,
      t,
      policy: this.policyNow,
      // Sorted, because the order in which they were met is another one after a restore.
      sources: [...this.sources.values()]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((source) => [source.id, source.leaseEnd] as const),
      forgottenBefore: this.ended.forgottenBefore,
    };
  }

  /** What changed since the last call. */
  drain(): Changes {
    const { changes } = this;
    this.changes = new Changes();
    return changes;
  }

  /** Takes a record whole. */
  apply(record: FoldRecord): void {
    this.begin(record);
    this.advance();
  }

  /** Takes a record; `advance` then does its work. The same record again after a restore goes on where it was. */
  begin(record: FoldRecord): void {
    if (record.offset !== this.next.offset) this.next = { offset: record.offset, step: 0 };
    this.record = record;
    this.isEventApplied = false;
  }

  /**
   * Works on the record that was begun until it is done (true), or until about `changesMax` changes (at least 1) wait to
   * be drained (false): then a checkpoint can be taken, and `advance` called again.
   */
  advance(changesMax = Infinity): boolean {
    const { record } = this;
    if (record === null) return true;
    const t = Math.max(this.t, record.timestamp);
    if (!this.isEventApplied) {
      if (!this.fireDeadlines(t, changesMax)) return false;
      this.t = t;
      // Before the event, or else it would matter whether a tick came before it.
      if (!this.ended.forget(t, this.usersById, this.changes, changesMax)) return false;
      this.applyEvent(record);
      this.isEventApplied = true;
    }
    if (!this.finishInstant(changesMax)) return false;
    this.next = { offset: record.offset + 1, step: 0 };
    this.record = null;
    return true;
  }

  /** Moves log time on to `t` without a record, as an archive's end or a question about an instant does. */
  advanceTo(t: number): void {
    if (t < this.t) return;
    this.fireDeadlines(t, Infinity);
    this.t = t;
  }

  private fireDeadlines(t: number, changesMax: number): boolean {
    for (;;) {
      if (!this.finishInstant(changesMax)) return false;
      const at = this.deadlines.peek();
      if (at > t) return true;
      const users = this.dueAt(at);
      // Nobody's any more. What has left such an entry behind must not make a difference, be it where one can stop.
      if (users.length > 0) this.instant = { at, users, event: null };
    }
  }

  /** Takes all entries of one instant, and returns the users who have a deadline then, the last by id first. */
  private dueAt(at: number): User[] {
    const due: User[] = [];
    let bySource = false;
    while (this.deadlines.peek() === at) {
      const item = this.deadlines.take();
      if (item === null) continue;
      if ('users' in item) {
        if (item.leaseEnd + this.policyNow.offlineAfterMs > at) this.scheduleSource(item);
        else {
          for (const user of item.users) due.push(user);
          bySource = true;
        }
      } else if (nextDeadline(item, at - 1, this.policyNow) === at) due.push(item);
      else this.scheduleUser(item, at);
    }
    // A user is due once by itself, but also by each of its sources.
    return lastFirst(bySource ? [...new Set(due)] : due);
  }

  private finishInstant(changesMax: number): boolean {
    if (this.instant === null) return true;
    const { at, users, event } = this.instant;
    for (let user = users.pop(); user !== undefined; user = users.pop()) {
      this.settle(user, at, event, false);
      if (users.length > 0 && this.changes.size >= changesMax) return false;
    }
    this.instant = null;
    // Log time follows, because looking again at an instant is only harmless as long as no later one was looked at.
    this.t = at;
    return event !== null || this.changes.size < changesMax;
  }

  private applyEvent({ decoded, key, offset }: FoldRecord): void {
    const refusal = 'refused' in decoded ? decoded.refused : this.applyDecoded(decoded.event, key);
    if (refusal !== undefined) this.changes.deadLetters.push({ offset, reason: refusal });
  }

  private applyDecoded(event: UserEvent | PartitionEvent, key: string | null | undefined): string | undefined {
    if (isUserEvent(event)) return this.refuseKey(event, key) ?? this.applyToUser(event);
    if (key !== undefined && key !== null) return `${event.type} belongs to a partition and takes no key`;
    switch (event.type) {
      case 'source.alive':
        return this.sourceAlive(event);
      case 'source.gone':
        return this.sourceGone(event);
      case 'policy.set':
        return this.policySet(event);
      case 'tick':
        return undefined;
    }
  }

  private refuseKey(event: UserEvent, key: string | null | undefined): string | undefined {
    if (key === undefined) return undefined;
    if (key !== event.user_id) return `the record's key is not its user_id ${JSON.stringify(event.user_id)}`;
    const { partition } = this;
    if (partition === undefined || this.usersById.has(key)) return undefined;
    const right = partitionOf(key, partition.count);
    if (right === partition.index) return undefined;
    return (
      `wrong partition ${partition.index}: the key belongs to ${right} of ${partition.count}; ` +
      `set the producer's partitioner to murmur2 (librdkafka: murmur2_random)`
    );
  }

  private applyToUser(event: UserEvent): string | undefined {
    const { t } = this;
    const known = this.usersById.get(event.user_id);
    const user = known ?? newUser(event.user_id);
    const touched: Source[] = [];
    const step: Step = {
      t,
      a: Math.min(event.ts ?? t, t),
      position: this.next,
      policy: this.policyNow,
      user,
      changes: this.changes,
      ended: this.ended,
      roomIds: this.roomIds,
      source: (id) => {
        const source = this.source(id);
        touched.push(source);
        return source;
      },
      changed: false,
    };
    const refusal = applyUserEvent(step, event);
    if (refusal !== undefined) return refusal;
    if (step.changed) {
      if (known === undefined) this.usersById.set(user.id, user);
      user.appliedOffset = this.next.offset;
      user.removedTs = event.type === 'user.removed' ? t : null;
    }
    this.settle(user, t, event, step.changed);
    for (const source of touched) this.scheduleSource(source);
    return undefined;
  }

  private sourceAlive(event: EventOf<'source.alive'>): undefined {
    const source = this.source(event.source_id);
    source.leaseEnd = Math.max(source.leaseEnd, this.t + event.ttl_ms);
    this.scheduleSource(source);
  }

  private sourceGone(event: EventOf<'source.gone'>): undefined {
    const source = this.sources.get(event.source_id);
    if (source === undefined || source.leaseEnd <= this.t) return;
    source.leaseEnd = this.t;
    this.scheduleSource(source);
  }

  private policySet(event: EventOf<'policy.set'>): string | undefined {
    const policy = changePolicy(this.policyNow, { ...event, ...this.policyOverride });
    if (typeof policy === 'string') return `policy.set: ${policy}`;
    this.policyNow = policy;
    for (const source of this.sources.values()) this.scheduleSource(source);
    this.instant = { at: this.t, users: lastFirst([...this.usersById.values()]), event: 'policy.set' };
    return undefined;
  }

  /**
   * Ends a step of a user: removes the devices whose time has come, compares the public state with the last one
   * announced, and notes what changed (semantics, section 5).
   */
  private settle(user: User, now: number, event: UserEvent | 'policy.set' | null, wasChanged: boolean): void {
    const gone = removeDue(user, now, this.policyNow);
    let changed = wasChanged || gone !== null;
    const state = publicState(user, now, this.policyNow);
    if (this.isTold(user, state)) {
      const cause =
        event === null
          ? causeOfDeadline(user, now, state, gone, this.policyNow)
          : causeOfEvent(event, this.next.offset);
      // Field by field: a spread costs more here than the rest of the step.
      const announcement: Announcement = {
        ts: now,
        presence: state.presence,
        statusMsg: state.statusMsg,
        currentlyActive: state.currentlyActive,
        lastActiveTs: state.lastActiveTs,
        position: this.next,
        cause,
      };
      user.announced = announcement;
      this.changes.announcements.push({ userId: user.id, announcement });
      changed = true;
    }
    this.scheduleUser(user, now);
    if (!changed) return;
    if (user.removedTs !== null) this.ended.addUser(user, this.next, user.removedTs);
    user.at = this.next;
    this.changes.users.add(user);
    this.next = { offset: this.next.offset, step: this.next.step + 1 };
  }

  /** After `user.removed` any difference in the four values is told, so that nothing of the account stays behind. */
  private isTold(user: User, state: PublicState): boolean {
    if (user.removedTs !== null && user.announced !== null && user.announced.lastActiveTs !== state.lastActiveTs)
      return true;
    return isAnnounced(state, user.announced, this.policyNow);
  }

  private source(id: string): Source {
    let source = this.sources.get(id);
    if (source === undefined) {
      source = newSource(id);
      this.sources.set(id, source);
    }
    return source;
  }

  /** Drops the sources that are as if never heard of: those that vouch for nobody, and whose lease has ended. */
  private pruneSources(t: number): void {
    for (const source of this.sources.values()) {
      if (source.users.size === 0 && source.leaseEnd <= t) this.sources.delete(source.id);
    }
  }

  /** One whose time has passed holds nothing any more, and is left: what falls due never lies before log time. */
  private scheduleSource(source: Source): void {
    const at = source.leaseEnd + this.policyNow.offlineAfterMs;
    if (at > this.t) this.deadlines.schedule(source, at);
  }

  private scheduleUser(user: User, after: number): void {
    const at = nextDeadline(user, after, this.policyNow);
    if (at < Infinity) this.deadlines.schedule(user, at);
  }
}

/** What was read of a partition, for a fold to be restored from; the sources without their users. */
export interface RestoredState {
  readonly users: Map<string, User>;
  readonly sources: ReadonlyMap<string, Source>;
}

/** Sorted so that `pop` gives the lowest id first. */
function lastFirst(users: User[]): User[] {
  return users.length < 2 ? users : users.sort((a, b) => (a.id < b.id ? 1 : -1));
}
