import type { UserEvent } from './events.ts';
import { DEFAULT_DEVICE } from './events.ts';
import type { Policy } from './policy.ts';
import { idleAt } from './presence.ts';
import type { Cause, PublicState, User } from './state.ts';

/** What an announcement that an event made says of it (semantics, "What is announced"). */
export function causeOfEvent(event: UserEvent | 'policy.set', offset: number): Cause {
  if (event === 'policy.set') return { type: event, deviceId: null, offset };
  return { type: event.type, deviceId: deviceOf(event), offset };
}

/** The same of one that a deadline made; `gone` is the device that was removed, if one was. */
export function causeOfDeadline(
  user: User,
  now: number,
  state: PublicState,
  gone: string | null,
  policy: Policy,
): Cause {
  const offset = user.appliedOffset;
  if (state.presence === user.announced?.presence) return { type: 'inactive', deviceId: null, offset };
  if (gone !== null) return { type: 'disconnected', deviceId: gone, offset };
  const idle = user.devices.find((device) => idleAt(device, policy) === now);
  return { type: 'idle', deviceId: idle?.id ?? null, offset };
}

function deviceOf(event: UserEvent): string | null {
  switch (event.type) {
    case 'device.connected':
    case 'device.disconnected':
    case 'device.active':
    case 'device.presence':
      return event.device_id ?? DEFAULT_DEVICE;
    case 'status.set':
      return event.device_id ?? null;
    default:
      return null;
  }
}
