import type { Changes } from './changes.ts';
import type { EndedTies } from './ended-ties.ts';
import { DEVICES_PER_USER_MAX } from './limits.ts';
import type { Policy } from './policy.ts';
import { offlineAt } from './presence.ts';
import type { SharedStrings } from './shared-strings.ts';
import type { Device, Position, Source, Tie, TieKind, User } from './state.ts';
import { tieOf } from './tie.ts';

/** What applying one event to one user works with: times, the user, the partition's sources, and what has changed. */
export interface Step {
  /** Log time of the record. */
  readonly t: number;
  /** Activity time of the event: `min(ts ?? t, t)` (semantics, section 1). */
  readonly a: number;
  readonly position: Position;
  readonly policy: Policy;
  readonly user: User;
  readonly changes: Changes;
  readonly ended: EndedTies;
  /** One string for all who name the same room. */
  readonly roomIds: SharedStrings;
  source(id: string): Source;
  changed: boolean;
}

/** Why an event is refused, as a sentence; undefined when it was applied. */
export type Refusal = string | undefined;

export function findDevice(user: User, id: string): Device | undefined {
  return user.devices.find((device) => device.id === id);
}

export function refuseDevice(user: User): Refusal {
  if (user.devices.length < DEVICES_PER_USER_MAX) return undefined;
  return `the user has ${DEVICES_PER_USER_MAX} devices, which is the most that are kept; disconnect one first`;
}

export function addDevice(step: Step, id: string, declared: Device['declared'], at: number): Device {
  const device: Device = {
    id,
    declared,
    declaredAt: at,
    lastActiveAt: null,
    lastSeenAt: at,
    leaseUntil: null,
    connections: [],
  };
  // Neither `push` nor a spread: V8 then makes room for 17, which is 128 bytes for most users, who have one device.
  step.user.devices = step.user.devices.concat(device);
  step.changed = true;
  return device;
}

/** `lastSeenAt` becomes at least `at`. */
export function see(step: Step, device: Device, at: number): void {
  if (at <= device.lastSeenAt) return;
  device.lastSeenAt = at;
  step.changed = true;
}

/** `leaseUntil` becomes at least `until`. */
export function lease(step: Step, device: Device, until: number): void {
  if (device.leaseUntil !== null && until <= device.leaseUntil) return;
  device.leaseUntil = until;
  step.changed = true;
}

/** Sets what the client says of itself; saying online anew is activity (semantics, section 4). */
export function declare(step: Step, device: Device, presence: 'online' | 'unavailable'): void {
  if (device.declared === presence) return;
  device.declared = presence;
  device.declaredAt = step.t;
  step.changed = true;
  if (presence === 'online') bump(step, device);
}

/** A pro-active event at the activity time (semantics, section 3). */
export function bump(step: Step, device: Device): void {
  const { a } = step;
  if (device.lastActiveAt === null || a > device.lastActiveAt) {
    device.lastActiveAt = a;
    step.changed = true;
  }
  see(step, device, a);
  if (device.declared !== 'online' && a >= device.declaredAt) {
    device.declared = 'online';
    step.changed = true;
  }
  bumpUser(step);
}

/** What a bump does to the user. */
export function bumpUser(step: Step): undefined {
  const { a, user } = step;
  if (user.manual?.presence === 'unavailable' && a >= user.manual.at) {
    user.manual = null;
    step.changed = true;
  }
  if (user.manual?.presence !== 'offline') touchUser(step);
}

/** The user's `lastActiveAt` becomes at least the activity time. */
export function touchUser(step: Step): void {
  const { a, user } = step;
  if (user.lastActiveAt !== null && a <= user.lastActiveAt) return;
  user.lastActiveAt = a;
  step.changed = true;
}

export function closeConnection(step: Step, device: Device, connectionId: string): void {
  const index = device.connections.findIndex((connection) => connection.id === connectionId);
  if (index < 0) return;
  const [closed] = device.connections.splice(index, 1);
  step.changed = true;
  if (closed?.source) release(closed.source, step.user);
}

export function removeDevice(user: User, device: Device): void {
  user.devices.splice(user.devices.indexOf(device), 1);
  for (const { source } of device.connections) if (source !== null) release(source, user);
}

/** Removes the devices whose time has come; returns the id of the one that was made first, or null when there is none. */
export function removeDue(user: User, now: number, policy: Policy): string | null {
  let gone: string | null = null;
  for (let i = user.devices.length - 1; i >= 0; i--) {
    const device = user.devices[i] as Device;
    if (offlineAt(device, policy) > now) continue;
    removeDevice(user, device);
    gone = device.id;
  }
  return gone;
}

/** Forgets that the user hangs on the source, unless another of its connections still does. */
function release(source: Source, user: User): void {
  if (!user.devices.some((device) => device.connections.some((other) => other.source === source))) {
    source.users.delete(user);
  }
}

export function setTie(step: Step, kind: TieKind, other: string, tie: Tie): void {
  const ties = (step.user.ties[kind] ??= new Map<string, Tie>());
  ties.set(other, tie);
  step.changes.ties.push({ kind, userId: step.user.id, other, tie });
  step.ended.addTie(step.user, kind, other, tie);
}

/** A tie that begins with this step, after `previous`, if that is remembered. */
export function beginTie(step: Step, invitation: string | null, previous?: Tie): Tie {
  const since = step.position;
  const earlier =
    previous === undefined
      ? null
      : { since: previous.earlier?.since ?? previous.since, until: previous.until ?? since };
  return tieOf({ since, until: null, earlier, untilTs: null, invitation, denied: null });
}

export function endTie(step: Step, tie: Tie): Tie {
  const { since, earlier, invitation, denied } = tie;
  return { since, until: step.position, earlier, untilTs: step.t, invitation, denied };
}
