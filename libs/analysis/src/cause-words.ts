import type { Announcement } from '#domain/state';

/** What made an announcement, in words. */
export function causeInWords({ cause: { type, deviceId }, presence }: Announcement): string {
  const device = deviceId === null ? 'a device' : `device ${deviceId}`;
  switch (type) {
    case 'device.connected':
      return `${device} connected`;
    case 'device.disconnected':
      return `${device} disconnected`;
    case 'device.active':
      return `activity on ${device}`;
    case 'device.presence':
      return `${device} said that it is ${presence === 'online' ? 'back' : 'idle'}`;
    case 'status.set':
      return deviceId === null ? 'the user set the status' : `the user set the status on ${device}`;
    case 'user.removed':
      return 'the account was removed';
    case 'policy.set':
      return 'the policy changed';
    case 'idle':
      return `no activity on ${device} for so long that it is idle`;
    case 'inactive':
      return 'no activity for so long that the user is not currently active';
    case 'disconnected':
      return `${device} did not come back in time`;
    default:
      return type; // rooms, lists and sources announce nobody
  }
}
