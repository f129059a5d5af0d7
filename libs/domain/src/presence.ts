import type { Policy } from './policy.ts';
import type { Device, Presence, PublicState, User } from './state.ts';
import { UNHEARD_OF } from './state.ts';

/**
 * When the device is removed unless something is heard of it (semantics, section 3), in two parts: what the device
 * itself carries, and what the leases of its sources add. The fold needs them apart, because a renewed lease must not
 * touch the source's users. Infinity: never.
 */
export function offlineAtOwn(device: Device, policy: Policy): number {
  let at = device.lastSeenAt + policy.offlineAfterMs;
  if (device.leaseUntil !== null && device.leaseUntil > at) at = device.leaseUntil;
  for (const { source } of device.connections) {
    if (source !== null) continue;
    if (policy.unheardForMs === 0) return Infinity;
    at = Math.max(at, device.lastSeenAt + policy.unheardForMs);
  }
  return at;
}

export function offlineAtBySources(device: Device, policy: Policy): number {
  let at = -Infinity;
  for (const { source } of device.connections) {
    if (source !== null) at = Math.max(at, source.leaseEnd + policy.offlineAfterMs);
  }
  return at;
}

export function offlineAt(device: Device, policy: Policy): number {
  return Math.max(offlineAtOwn(device, policy), offlineAtBySources(device, policy));
}

/** When the device becomes idle by itself; -Infinity when it counts as idle whatever the time. */
export function idleAt(device: Device, policy: Policy): number {
  if (device.declared !== 'online' || device.lastActiveAt === null) return -Infinity;
  return device.lastActiveAt + policy.idleAfterMs;
}

/** The user's public state at `now`, when all devices past their `offlineAt` are removed (semantics, section 3). */
export function publicState(user: User, now: number, policy: Policy): PublicState {
  const presence = PRESENCE[presenceRule(user, now, policy)];
  return {
    presence,
    statusMsg: user.statusMsg,
    currentlyActive:
      presence === 'online' && user.lastActiveAt !== null && now < user.lastActiveAt + policy.activeForMs,
    lastActiveTs: user.lastActiveAt,
  };
}

/** Which rule decides a user's presence (semantics, section 3). */
export type PresenceRule = 'no_device' | 'set_offline' | 'set_unavailable' | 'device_online' | 'devices_idle';

const PRESENCE: Readonly<Record<PresenceRule, Presence>> = {
  no_device: 'offline',
  set_offline: 'offline',
  set_unavailable: 'unavailable',
  device_online: 'online',
  devices_idle: 'unavailable',
};

export function presenceRule(user: User, now: number, policy: Policy): PresenceRule {
  if (user.devices.length === 0) return 'no_device';
  if (user.manual !== null) return user.manual.presence === 'offline' ? 'set_offline' : 'set_unavailable';
  return user.devices.some((device) => isOnline(device, now, policy)) ? 'device_online' : 'devices_idle';
}

/** Whether a device that is there is online; else it is idle. */
export function isOnline(device: Device, now: number, policy: Policy): boolean {
  return now < idleAt(device, policy);
}

/** Whether the change from the last announced state is told to others, or stays silent (semantics, section 5). */
export function isAnnounced(state: PublicState, last: PublicState | null, policy: Policy): boolean {
  const told = last ?? UNHEARD_OF;
  if (
    state.presence !== told.presence ||
    state.statusMsg !== told.statusMsg ||
    state.currentlyActive !== told.currentlyActive
  ) {
    return true;
  }
  if (state.currentlyActive || state.lastActiveTs === null) return false;
  return told.lastActiveTs === null || state.lastActiveTs > told.lastActiveTs + policy.activeForMs;
}

/**
 * The next instant after `after` at which the user may change without an event; Infinity when there is none. What only
 * the lease of a source decides is left out: the source has a deadline of its own.
 */
export function nextDeadline(user: User, after: number, policy: Policy): number {
  let next = Infinity;
  if (user.announced?.currentlyActive === true && user.lastActiveAt !== null) {
    next = earlier(user.lastActiveAt + policy.activeForMs, next, after);
  }
  for (const device of user.devices) {
    next = earlier(idleAt(device, policy), next, after);
    const own = offlineAtOwn(device, policy);
    if (own >= offlineAtBySources(device, policy)) next = earlier(own, next, after);
  }
  return next;
}

/** The earlier of the two, of which the first counts only after `after`. */
function earlier(at: number, next: number, after: number): number {
  return at > after && at < next ? at : next;
}

/** The next instant after `after` at which the user may change without an event, whatever decides it; Infinity: none. */
export function nextInstant(user: User, after: number, policy: Policy): number {
  const ends = user.devices.map((device) => offlineAt(device, policy)).filter((at) => at > after);
  return Math.min(nextDeadline(user, after, policy), ...ends);
}
