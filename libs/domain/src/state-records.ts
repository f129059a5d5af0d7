import type { Changes } from './changes.ts';
import type { FoldCheckpoint } from './fold.ts';
import type { Policy } from './policy.ts';
import type {
  Announcement,
  Declared,
  Manual,
  Position,
  Presence,
  StandingChoice,
  Tie,
  TieKind,
  User,
} from './state.ts';
import { UNHEARD_OF } from './state.ts';

/** Version of the rules by which a checkpoint was made. A projector with other rules must not continue from it. */
export const RULES_VERSION = 1;

/** `[offset, step]`, as positions are written. */
export type PositionJson = readonly [offset: number, step: number];

export interface PublicJson {
  readonly presence: Presence;
  readonly currently_active: boolean;
  readonly last_active_ts: number | null;
  readonly status_msg: string | null;
}

export interface CauseJson {
  readonly type: string;
  readonly device_id?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset: number;
}

/** A user as `presence.state` has it: the public state, and all that a projector needs to go on folding. */
export interface UserRecord extends PublicJson {
  readonly kind: 'user';
  readonly user_id: string;
  /** Position of the last change; it was an announcement if `announced` equals `at`, and `announcement.step` equals `step`. */
  readonly at: number;
  readonly step: number;
  readonly announced: number | null;
  readonly announcement: (PublicJson & { ts: number; offset: number; step: number; cause: CauseJson }) | null;
  /** Offset of the last event of the user that changed anything. */
  readonly applied: number;
  readonly manual: Manual | null;
  readonly devices: readonly DeviceJson[];
  /** When the account was removed; only until it is forgotten. */
  readonly removed_ts?: number;
}

export interface DeviceJson {
  readonly device_id: string;
  readonly declared: Declared | null;
  readonly declared_at: number;
  readonly last_active_at: number | null;
  readonly last_seen_at: number;
  readonly lease_until: number | null;
  readonly connections: readonly (readonly [id: string, source: string | null])[];
}

interface TieJson {
  readonly since: PositionJson;
  readonly until: PositionJson | null;
  /** First beginning and last end of the same relation before, while they are remembered. */
  readonly earlier: readonly [since: PositionJson, until: PositionJson] | null;
  readonly until_ts: number | null;
}

export interface MemberRecord extends TieJson {
  readonly kind: 'member';
  readonly room_id: string;
  readonly user_id: string;
}

export interface InviteRecord extends TieJson {
  readonly kind: 'invite';
  readonly owner: string;
  readonly observed: string;
  readonly invitation: string | null;
}

export interface AnswerRecord extends TieJson {
  readonly kind: 'answer';
  readonly observed: string;
  readonly owner: string;
  readonly invitation: string | null;
  readonly denied: { readonly invitation: string; readonly at: PositionJson } | null;
}

export type TieRecord = MemberRecord | InviteRecord | AnswerRecord;

export interface ChoiceJson {
  readonly show_to: 'everyone' | 'contacts' | 'nobody';
  readonly blocked: readonly string[];
  readonly at: PositionJson;
}

export interface VisibilityRecord extends ChoiceJson {
  readonly kind: 'visibility';
  readonly user_id: string;
  /** The choice that it replaced, so that who comes back is told only of what looks different; absent: not remembered. */
  readonly before?: ChoiceJson | undefined;
}

export interface CheckpointRecord {
  readonly kind: 'checkpoint';
  readonly log_id: string;
  readonly rules: number;
  /** The how-manieth of its partition, from 1 on: so a reader knows whether it has missed one. Older logs don't have it. */
  readonly number?: number | undefined;
  readonly next: PositionJson;
  readonly t: number;
  readonly policy: Policy;
  readonly sources: readonly (readonly [id: string, leaseEnd: number])[];
  readonly forgotten_before: PositionJson;
}

/** Written when a worker takes a partition over, so that older ones are fenced and a restore has a certain end. */
export interface OwnerRecord {
  readonly kind: 'owner';
  readonly slot: number;
  readonly owner_id: string;
}

/** The first record of a log on Kafka: which log this is. */
export interface LogRecord {
  readonly kind: 'log';
  readonly log_id: string;
  readonly log_kind: 'live' | 'archive';
}

export type StateRecord = UserRecord | TieRecord | VisibilityRecord | CheckpointRecord | OwnerRecord | LogRecord;

/** A record of `presence.state` before it is put in bytes; null forgets the key. */
export interface KeyedState {
  readonly key: string;
  readonly value: StateRecord | null;
}

/** `|` separates the parts of a key, so it is written otherwise within an id. Values repeat the ids. */
function keyOf(...parts: string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('|', '%7C')).join('|');
}

/** The kind and the ids of a key: all that a tombstone says. */
export function idsOfKey(key: string): { readonly kind: string; readonly ids: readonly string[] } {
  const [kind = '', ...ids] = key.split('|').map((part) => part.replaceAll('%7C', '|').replaceAll('%25', '%'));
  return { kind, ids };
}

export const CHECKPOINT_KEY = 'checkpoint';
export const ownerKey = (slot: number): string => `owner|${slot}`;

/** All changes as records, the checkpoint last (architecture, "Topics"). */
export function toRecords(changes: Changes, checkpoint: CheckpointRecord): KeyedState[] {
  const records: KeyedState[] = [];
  const latest = new Map([...changes.users].map((user) => [user.id, user]));
  for (const user of latest.values()) records.push({ key: keyOf('user', user.id), value: userRecord(user) });
  for (const user of changes.forgotten) {
    // After its own last record, by which others hear of it. Another user may have the same id by now.
    const last = latest.get(user.id) ?? user;
    if (last === user) records.push({ key: keyOf('user', user.id), value: null });
  }
  for (const { kind, userId, other, tie } of changes.ties) {
    const key = kind === 'member' ? keyOf(kind, other, userId) : keyOf(kind, userId, other);
    records.push({ key, value: tie === null ? null : tieRecord(kind, userId, other, tie) });
  }
  for (const { userId, choice, before } of changes.visibility) {
    const value = choice === null ? null : visibilityRecord(userId, choice, before);
    records.push({ key: keyOf('visibility', userId), value });
  }
  records.push({ key: CHECKPOINT_KEY, value: checkpoint });
  return records;
}

/** `number`: the how-manieth checkpoint of the partition it is. */
export function checkpointRecord(logId: string, checkpoint: FoldCheckpoint, number?: number): CheckpointRecord {
  return {
    kind: 'checkpoint',
    log_id: logId,
    rules: RULES_VERSION,
    number,
    next: positionJson(checkpoint.next),
    t: checkpoint.t,
    policy: checkpoint.policy,
    sources: checkpoint.sources,
    forgotten_before: positionJson(checkpoint.forgottenBefore),
  };
}

export function userRecord(user: User): UserRecord {
  const { announced } = user;
  const told = announced ?? UNHEARD_OF;
  return {
    kind: 'user',
    user_id: user.id,
    at: user.at.offset,
    step: user.at.step,
    announced: announced?.position.offset ?? null,
    // After every step these three equal the last announced ones; only the last active time may have moved silently.
    presence: told.presence,
    currently_active: told.currentlyActive,
    last_active_ts: user.lastActiveAt,
    status_msg: told.statusMsg,
    announcement: announced === null ? null : announcementJson(announced),
    applied: user.appliedOffset,
    manual: user.manual,
    devices: user.devices.map((device) => ({
      device_id: device.id,
      declared: device.declared,
      declared_at: device.declaredAt,
      last_active_at: device.lastActiveAt,
      last_seen_at: device.lastSeenAt,
      lease_until: device.leaseUntil,
      connections: device.connections.map(({ id, source }) => [id, source?.id ?? null] as const),
    })),
    ...(user.removedTs === null ? {} : { removed_ts: user.removedTs }),
  };
}

function announcementJson(announcement: Announcement): NonNullable<UserRecord['announcement']> {
  const { ts, position, cause } = announcement;
  return { ts, ...publicJson(announcement), offset: position.offset, step: position.step, cause: causeJson(cause) };
}

export function publicJson(state: Omit<Announcement, 'ts' | 'position' | 'cause'>): PublicJson {
  return {
    presence: state.presence,
    currently_active: state.currentlyActive,
    last_active_ts: state.lastActiveTs,
    status_msg: state.statusMsg,
  };
}

export function causeJson({ type, deviceId, offset }: Announcement['cause'], partition?: number): CauseJson {
  return { type, device_id: deviceId ?? undefined, partition, offset };
}

export function visibilityRecord(
  userId: string,
  choice: StandingChoice,
  before: StandingChoice | null,
): VisibilityRecord {
  return {
    kind: 'visibility',
    user_id: userId,
    ...choiceJson(choice),
    before: before === null ? undefined : choiceJson(before),
  };
}

function choiceJson({ showTo, blocked, at }: StandingChoice): ChoiceJson {
  return { show_to: showTo, blocked, at: positionJson(at) };
}

export function choiceOf({ show_to: showTo, blocked, at }: ChoiceJson): StandingChoice {
  return { showTo, blocked, at: positionOf(at) };
}

export function positionJson({ offset, step }: Position): PositionJson {
  return [offset, step];
}

export function positionOf([offset, step]: PositionJson): Position {
  return { offset, step };
}

export function stretchOf(json: TieJson['earlier']): Tie['earlier'] {
  return json === null ? null : { since: positionOf(json[0]), until: positionOf(json[1]) };
}

export function tieRecord(kind: TieKind, userId: string, other: string, tie: Tie): TieRecord {
  const span: TieJson = {
    since: positionJson(tie.since),
    until: tie.until === null ? null : positionJson(tie.until),
    earlier: tie.earlier === null ? null : [positionJson(tie.earlier.since), positionJson(tie.earlier.until)],
    until_ts: tie.untilTs,
  };
  if (kind === 'member') return { kind, room_id: other, user_id: userId, ...span };
  if (kind === 'invite') return { kind, owner: userId, observed: other, invitation: tie.invitation, ...span };
  const denied = tie.denied === null ? null : { ...tie.denied, at: positionJson(tie.denied.at) };
  return { kind, observed: userId, owner: other, invitation: tie.invitation, denied, ...span };
}
