import { decodeEvent, DEFAULT_DEVICE } from '#domain/events';
import type { Caller } from '#runtime/auth/authenticator';
import type { Cancel } from '#runtime/clock/clock';
import { badRequest } from '#runtime/http/matrix-error';
import { Device } from './device.ts';
import type { LongPollConnection } from './long-poll-connection.ts';

/** A device, and what goes with it as long as this node knows it. */
export interface Known {
  readonly device: Device;
  polls: LongPollConnection | null;
  /** Cancels the timer that looks at it again. */
  cancelWake: Cancel;
}

/** The devices that are connected to this node, or have left something to be written. */
export class KnownDevices {
  private readonly byKey = new Map<string, Known>();

  constructor(private readonly activityEveryMs: number) {}

  find(caller: Caller): Known | undefined {
    return this.byKey.get(keyOf(caller));
  }

  /** The caller's device, which is added if it is new. Throws a `MatrixError` (400) for an id that no event can carry. */
  of(caller: Caller): Known {
    const known = this.find(caller);
    if (known !== undefined) return known;
    const deviceId = caller.deviceId ?? DEFAULT_DEVICE;
    requireWritable(caller.userId, deviceId);
    const device = new Device(caller.userId, deviceId, this.activityEveryMs);
    const added = { device, polls: null, cancelWake: () => undefined };
    this.byKey.set(keyOf(caller), added);
    return added;
  }

  forget({ device }: Known): void {
    this.byKey.delete(keyOf(device));
  }

  all(): Iterable<Known> {
    return this.byKey.values();
  }
}

const keyOf = ({ userId, deviceId }: Caller): string => JSON.stringify([userId, deviceId ?? DEFAULT_DEVICE]);

/** One event that is refused would hold up all those that are written with it. */
function requireWritable(userId: string, deviceId: string): void {
  const decoded = decodeEvent({ type: 'device.connected', user_id: userId, device_id: deviceId });
  if ('refused' in decoded) throw badRequest(`Your user or device id cannot be used: ${decoded.refused}.`);
}
