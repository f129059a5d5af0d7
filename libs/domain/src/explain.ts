import { causeOfDeadline } from './cause.ts';
import { deadlineSays, ruleSays } from './explain-words.ts';
import type { Explanation } from './explanation.schemas.ts';
import type { Policy } from './policy.ts';
import {
  idleAt,
  isAnnounced,
  isOnline,
  nextInstant,
  offlineAt,
  offlineAtBySources,
  presenceRule,
  publicState,
} from './presence.ts';
import { publicJson } from './state-records.ts';
import type { Announcement, Device, User } from './state.ts';
import { newUser } from './state.ts';
import { removeDue } from './step.ts';

/** How far the log was folded when the question is asked. */
export interface FoldedTo {
  readonly policy: Policy;
  /** Log time, milliseconds: the instant that the answer is about. */
  readonly logTime: number;
  /** Null where there are no partitions, as in a file. */
  readonly partition: number | null;
  /** All events before this offset are folded. */
  readonly nextOffset: number;
}

type DeviceExplanation = Explanation['devices'][number];
type Deadline = NonNullable<Explanation['next_deadline']>;

/**
 * Why the user is shown as they are: by the rules of the fold itself (semantics, sections 3 and 5), from the state that it
 * has of them. `user` is undefined for who was never heard of, and for whom an account was removed.
 */
export function explain(userId: string, user: User | undefined, to: FoldedTo): Explanation {
  const { logTime: now, policy } = to;
  const known = user ?? newUser(userId);
  const name = user === undefined ? 'unheard_of' : presenceRule(user, now, policy);
  return {
    user_id: userId,
    ...publicJson(publicState(known, now, policy)),
    rule: { name, section: 'State', says: ruleSays(name, known, now, policy) },
    devices: known.devices.map((device) => explainDevice(device, now, policy)),
    manual: known.manual,
    next_deadline: nextDeadlineOf(known, now, policy),
    last_announcement: known.announced === null ? null : announcementOf(known.announced),
    log: {
      partition: to.partition,
      log_time: now,
      next_offset: to.nextOffset,
      offset: known.appliedOffset < 0 ? null : known.appliedOffset,
      announced: known.announced && { ...known.announced.position, cause_offset: known.announced.cause.offset },
    },
  };
}

function explainDevice(device: Device, now: number, policy: Policy): DeviceExplanation {
  const online = isOnline(device, now, policy);
  const removedAt = offlineAt(device, policy);
  return {
    device_id: device.id,
    state: online ? 'online' : 'idle',
    declared: device.declared,
    declared_at: device.declaredAt,
    last_active_at: device.lastActiveAt,
    last_seen_at: device.lastSeenAt,
    lease_until: device.leaseUntil,
    connections: device.connections.map(({ id, source }) => ({
      connection_id: id,
      source_id: source?.id ?? null,
      source_lease_until: source?.leaseEnd ?? null,
    })),
    idle_at: online ? idleAt(device, policy) : null,
    offline_at: removedAt === Infinity ? null : removedAt,
    held_by: holderOf(device, removedAt, policy),
  };
}

/** Which part of the rule gives the time at which the device is removed. */
function holderOf(device: Device, removedAt: number, policy: Policy): DeviceExplanation['held_by'] {
  if (removedAt === offlineAtBySources(device, policy)) return 'source';
  if (removedAt === device.leaseUntil) return 'lease';
  return removedAt === device.lastSeenAt + policy.offlineAfterMs ? 'last_seen' : 'connection';
}

/** What the fold will do at the next deadline: it is done here, to a copy of the user. */
function nextDeadlineOf(user: User, now: number, policy: Policy): Deadline | null {
  const at = nextInstant(user, now, policy);
  if (at === Infinity) return null;
  const later: User = { ...user, devices: [...user.devices] };
  const gone = removeDue(later, at, policy);
  const state = publicState(later, at, policy);
  const isTold = isAnnounced(state, user.announced, policy);
  const happens = {
    at,
    idle: later.devices.filter((device) => idleAt(device, policy) === at).map(({ id }) => id),
    removed: user.devices.filter((device) => !later.devices.includes(device)).map(({ id }) => id),
    presence: state.presence,
    currently_active: state.currentlyActive,
    cause: isTold ? (causeOfDeadline(later, at, state, gone, policy).type as Deadline['cause']) : null,
  };
  return { ...happens, says: deadlineSays(happens) };
}

function announcementOf(announced: Announcement): NonNullable<Explanation['last_announcement']> {
  const { type, deviceId } = announced.cause;
  return {
    ts: announced.ts,
    ...publicJson(announced),
    cause: { type, ...(deviceId === null ? {} : { device_id: deviceId }) },
  };
}
