import type { FoldOptions } from './fold.ts';
import { Fold } from './fold.ts';
import { Decoder } from './codes.ts';
import type { PackedUser, UserDecoders } from './packed-user.ts';
import { unpackUser } from './packed-user.ts';
import { SharedStrings } from './shared-strings.ts';
import type { AnswerRecord, CheckpointRecord, StateRecord, TieRecord, UserRecord } from './state-records.ts';
import { choiceOf, idsOfKey, positionOf, RULES_VERSION, stretchOf } from './state-records.ts';
import type { Announcement, CauseType, Device, Source, Tie, TieKind, User } from './state.ts';
import { NEVER_CHOSEN, newSource, newUser } from './state.ts';
import { tieOf } from './tie.ts';

/** The state was made by other rules than this version's; the message says what to do. */
export class OtherRulesError extends Error {
  override readonly name = 'OtherRulesError';
}

/** Reads the records of one partition of `presence.state` in log order, and makes a fold of the latest of each key. */
export class Restore {
  /** Also those of whom only a tie was read so far. */
  private readonly users = new Map<string, User>();
  private readonly sources = new Map<string, Source>();
  private readonly roomIds = new SharedStrings();
  private readonly decoders: UserDecoders = {
    rooms: new Decoder((id) => this.roomIds.of(id)),
    sources: new Decoder((id) => this.source(id)),
    causes: new Decoder((type) => type as CauseType),
  };
  /** The last checkpoint, or null when the partition has none. */
  checkpoint: CheckpointRecord | null = null;

  /** Takes a record in log order; null forgets the key. */
  take(key: string, value: StateRecord | null): void {
    if (value === null) return this.forget(key);
    switch (value.kind) {
      case 'user':
        return this.takeUser(value);
      case 'member':
        return this.takeTie('member', value.user_id, this.roomIds.of(value.room_id), value);
      case 'invite':
        return this.takeTie('invite', value.owner, value.observed, value);
      case 'answer':
        return this.takeTie('answer', value.observed, value.owner, value);
      case 'visibility':
        this.user(value.user_id).visibility = choiceOf(value);
        return;
      case 'checkpoint':
        this.checkpoint = value;
        return;
      case 'owner':
      case 'log':
        return;
    }
  }

  /** Takes a user from an image, as it was at a checkpoint before that of the image, or after it. */
  takePacked(packed: PackedUser): void {
    const user = unpackUser(packed, this.decoders);
    this.users.set(user.id, user);
    for (const record of packed[11]) this.take('', record);
  }

  /** The fold as it was at the last checkpoint; a new one when there is none. To be called once. Throws `OtherRulesError`. */
  fold(options: FoldOptions): Fold {
    const { checkpoint, users, sources } = this;
    if (checkpoint === null) return new Fold(options);
    if (checkpoint.rules !== RULES_VERSION) {
      throw new OtherRulesError(
        `The state was made by rules version ${checkpoint.rules}, and this is version ${RULES_VERSION}: ` +
          `replay the events into new topics, or run the version that made it.`,
      );
    }
    for (const user of users.values()) if (user.appliedOffset < 0) users.delete(user.id); // nothing but a tie: cannot be
    return Fold.restore(
      options,
      {
        next: positionOf(checkpoint.next),
        t: checkpoint.t,
        policy: checkpoint.policy,
        sources: checkpoint.sources,
        forgottenBefore: positionOf(checkpoint.forgotten_before),
      },
      { users, sources },
    );
  }

  private forget(key: string): void {
    const { kind, ids } = idsOfKey(key);
    const [first = '', second = ''] = ids;
    switch (kind) {
      case 'user':
        this.users.delete(first);
        return;
      case 'member':
        this.users.get(second)?.ties.member?.delete(first);
        return;
      case 'invite':
      case 'answer':
        this.users.get(first)?.ties[kind]?.delete(second);
        return;
      case 'visibility': {
        const user = this.users.get(first);
        if (user !== undefined) user.visibility = NEVER_CHOSEN;
      }
    }
  }

  private takeUser(record: UserRecord): void {
    fillUser(this.user(record.user_id), record, (id) => this.source(id));
  }

  private takeTie(kind: TieKind, userId: string, other: string, record: TieRecord): void {
    const tie = tieOf({
      since: positionOf(record.since),
      until: record.until === null ? null : positionOf(record.until),
      earlier: stretchOf(record.earlier),
      untilTs: record.until_ts,
      invitation: record.kind === 'member' ? null : record.invitation,
      denied: record.kind === 'answer' ? deniedOf(record) : null,
    });
    (this.user(userId).ties[kind] ??= new Map<string, Tie>()).set(other, tie);
  }

  private user(id: string): User {
    let user = this.users.get(id);
    if (user === undefined) this.users.set(id, (user = newUser(id)));
    return user;
  }

  private source(id: string): Source {
    let source = this.sources.get(id);
    if (source === undefined) this.sources.set(id, (source = newSource(id)));
    return source;
  }
}

/** Puts into a user all that its record says: everything but ties and visibility. */
export function fillUser(user: User, record: UserRecord, sourceOf: (id: string) => Source): void {
  user.devices = record.devices.map((json): Device => ({
    id: json.device_id,
    declared: json.declared,
    declaredAt: json.declared_at,
    lastActiveAt: json.last_active_at,
    lastSeenAt: json.last_seen_at,
    leaseUntil: json.lease_until,
    connections: json.connections.map(([id, sourceId]) => ({
      id,
      source: sourceId === null ? null : sourceOf(sourceId),
    })),
  }));
  user.manual = record.manual;
  user.statusMsg = record.status_msg;
  user.lastActiveAt = record.last_active_ts;
  user.announced = record.announcement === null ? null : announcementOf(record.announcement);
  user.at = { offset: record.at, step: record.step };
  user.appliedOffset = record.applied;
  user.removedTs = record.removed_ts ?? null;
}

function announcementOf(json: NonNullable<UserRecord['announcement']>): Announcement {
  return {
    ts: json.ts,
    presence: json.presence,
    currentlyActive: json.currently_active,
    lastActiveTs: json.last_active_ts,
    statusMsg: json.status_msg,
    position: { offset: json.offset, step: json.step },
    cause: {
      type: json.cause.type as CauseType,
      deviceId: json.cause.device_id ?? null,
      offset: json.cause.offset,
    },
  };
}

function deniedOf({ denied }: AnswerRecord): Tie['denied'] {
  return denied === null ? null : { invitation: denied.invitation, at: positionOf(denied.at) };
}
