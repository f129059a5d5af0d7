import type { Explanation } from './explanation.schemas.ts';
import type { Policy } from './policy.ts';
import { isOnline } from './presence.ts';
import type { User } from './state.ts';

/** The rule that decided a user's presence, as a sentence. */
export function ruleSays(name: Explanation['rule']['name'], user: User, now: number, policy: Policy): string {
  switch (name) {
    case 'unheard_of':
      return 'Offline, because nothing was ever heard of this user, or the account was removed.';
    case 'no_device':
      return 'Offline, because no device of the user is there.';
    case 'set_offline':
      return 'Offline, because the user has set that, and it holds, whatever the devices do, until they set another presence.';
    case 'set_unavailable':
      return 'Unavailable, because the user has set that, and it holds until they are active or set another presence.';
    case 'device_online': {
      const online = user.devices.filter((device) => isOnline(device, now, policy)).map(({ id }) => id);
      return `Online, because ${listed(online)} ${isOrAre(online)} there, not declared idle, and active less than ${duration(policy.idleAfterMs)} ago.`;
    }
    case 'devices_idle':
      return `Unavailable, because every device that is there is idle: declared so, or not active for ${duration(policy.idleAfterMs)}.`;
  }
}

/** What a deadline will do, as a sentence. */
export function deadlineSays({
  idle,
  removed,
  presence,
  currently_active: isActive,
  cause,
}: Omit<NonNullable<Explanation['next_deadline']>, 'says'>): string {
  const happens = [
    ...(removed.length === 0 ? [] : [`${listed(removed)} ${isOrAre(removed)} removed`]),
    ...(idle.length === 0 ? [] : [`${listed(idle)} ${idle.length === 1 ? 'becomes' : 'become'} idle`]),
    ...(cause === 'inactive' ? ['the user is no longer currently active'] : []),
  ].join(', and ');
  const told =
    cause === null ? 'nothing' : presence === 'online' ? `online, ${isActive ? '' : 'not '}active` : presence;
  return `${happens.charAt(0).toUpperCase()}${happens.slice(1)}: ${told} is announced.`;
}

const listed = (devices: readonly string[]): string =>
  `${devices.length === 1 ? 'device' : 'devices'} ${devices.join(', ')}`;

const isOrAre = (devices: readonly string[]): string => (devices.length === 1 ? 'is' : 'are');

/** Milliseconds in the largest unit that says them exactly. */
function duration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
}
