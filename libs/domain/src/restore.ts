import type { FoldOptions, RestoringFold } from './fold.ts';
import { Fold } from './fold.ts';
import type {
  AnswerRecord,
  CheckpointRecord,
  StateRecord,
  TieRecord,
  UserRecord,
  VisibilityRecord,
} from './state-records.ts';
import { CHECKPOINT_KEY, positionOf, RULES_VERSION, stretchOf } from './state-records.ts';
import type { Announcement, CauseType, Device, Tie, TieKind, User } from './state.ts';
import { newUser } from './state.ts';

/** The state was made by other rules than this version's; the message says what to do. */
export class OtherRulesError extends Error {
  override readonly name = 'OtherRulesError';
}

/** Gathers the records of one partition of `presence.state`, the latest of each key, and makes a fold of them. */
export class Restore {
  private readonly latest = new Map<string, StateRecord>();

  /** Takes a record in log order; null forgets the key. */
  take(key: string, value: StateRecord | null): void {
    if (value === null) this.latest.delete(key);
    else this.latest.set(key, value);
  }

  /** The last checkpoint, or null when the partition has none. */
  get checkpoint(): CheckpointRecord | null {
    const record = this.latest.get(CHECKPOINT_KEY);
    return record?.kind === 'checkpoint' ? record : null;
  }

  /** The fold as it was at the last checkpoint; a new one when there is none. Throws `OtherRulesError`. */
  fold(options: FoldOptions): Fold {
    const { checkpoint } = this;
    if (checkpoint === null) return new Fold(options);
    if (checkpoint.rules !== RULES_VERSION) {
      throw new OtherRulesError(
        `The state was made by rules version ${checkpoint.rules}, and this is version ${RULES_VERSION}: ` +
          `replay the events into new topics, or run the version that made it.`,
      );
    }
    const foldCheckpoint = {
      next: positionOf(checkpoint.next),
      t: checkpoint.t,
      policy: checkpoint.policy,
      sources: checkpoint.sources,
      forgottenBefore: positionOf(checkpoint.forgotten_before),
    };
    return Fold.restore(options, foldCheckpoint, (fold) => this.fill(fold));
  }

  private fill(fold: RestoringFold): void {
    const users = new Map<string, User>();
    for (const record of this.latest.values()) {
      if (record.kind !== 'user') continue;
      const user = userOf(record, fold);
      users.set(user.id, user);
      fold.addUser(user);
    }
    for (const record of this.latest.values()) {
      if (record.kind === 'visibility') setVisibility(users.get(record.user_id), record);
      else if (record.kind === 'member') addTie(fold, users, 'member', record.user_id, record.room_id, record);
      else if (record.kind === 'invite') addTie(fold, users, 'invite', record.owner, record.observed, record);
      else if (record.kind === 'answer') addTie(fold, users, 'answer', record.observed, record.owner, record);
    }
    // With their answers, so not before those are there.
    for (const user of users.values()) {
      if (user.removedTs !== null) fold.ended.addUser(user, user.at, user.removedTs);
    }
  }
}

function userOf(record: UserRecord, fold: RestoringFold): User {
  const user = newUser(record.user_id);
  user.devices = record.devices.map((json): Device => ({
    id: json.device_id,
    declared: json.declared,
    declaredAt: json.declared_at,
    lastActiveAt: json.last_active_at,
    lastSeenAt: json.last_seen_at,
    leaseUntil: json.lease_until,
    connections: json.connections.map(([id, sourceId]) => {
      const source = sourceId === null ? null : fold.source(sourceId);
      source?.users.add(user);
      return { id, source };
    }),
  }));
  user.manual = record.manual;
  user.statusMsg = record.status_msg;
  user.lastActiveAt = record.last_active_ts;
  user.announced = record.announcement === null ? null : announcementOf(record.announcement);
  user.at = { offset: record.at, step: record.step };
  user.appliedOffset = record.applied;
  user.removedTs = record.removed_ts ?? null;
  return user;
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

function setVisibility(user: User | undefined, record: VisibilityRecord): void {
  if (user !== undefined) user.visibility = { showTo: record.show_to, blocked: record.blocked };
}

function addTie(
  fold: RestoringFold,
  users: ReadonlyMap<string, User>,
  kind: TieKind,
  userId: string,
  other: string,
  record: TieRecord,
): void {
  const tie: Tie = {
    since: positionOf(record.since),
    until: record.until === null ? null : positionOf(record.until),
    earlier: stretchOf(record.earlier),
    untilTs: record.until_ts,
    invitation: record.kind === 'member' ? null : record.invitation,
    denied: record.kind === 'answer' ? deniedOf(record) : null,
  };
  const user = users.get(userId);
  if (user === undefined) return; // cannot be: who has a tie, even an ended one, has a record
  (user.ties[kind] ??= new Map<string, Tie>()).set(other, tie);
  fold.ended.addTie(user, kind, other, tie);
}

function deniedOf({ denied }: AnswerRecord): Tie['denied'] {
  return denied === null ? null : { invitation: denied.invitation, at: positionOf(denied.at) };
}
