import type { EventOf } from './events.ts';
import { DEFAULT_DEVICE } from './events.ts';
import { CONNECTIONS_PER_DEVICE_MAX } from './limits.ts';
import type { Device } from './state.ts';
import type { Refusal, Step } from './step.ts';
import {
  addDevice,
  bump,
  bumpUser,
  closeConnection,
  declare,
  findDevice,
  lease,
  refuseDevice,
  removeDevice,
  see,
} from './step.ts';

/** `device.connected` (semantics, section 4). */
export function deviceConnected(step: Step, event: EventOf<'device.connected'>): Refusal {
  const id = event.device_id ?? DEFAULT_DEVICE;
  const known = findDevice(step.user, id);
  const connectionId = event.connection_id ?? id;
  const leaseMs = event.ttl_ms ?? null;
  const sourceId = event.source_id ?? null;
  const refusal =
    known === undefined
      ? refuseDevice(step.user)
      : leaseMs === null
        ? makeRoom(step, known, connectionId, sourceId)
        : undefined;
  if (refusal !== undefined) return refusal;
  const device = known ?? addDevice(step, id, null, step.t);
  if (leaseMs !== null) lease(step, device, step.t + leaseMs);
  else openConnection(step, device, connectionId, sourceId);
  see(step, device, step.t);
  declare(step, device, event.presence ?? 'online');
  return undefined;
}

/** On a full device, the connections of sources whose lease has ended give way to a new one. Refused when there are none. */
function makeRoom(step: Step, device: Device, connectionId: string, sourceId: string | null): Refusal {
  if (device.connections.length < CONNECTIONS_PER_DEVICE_MAX) return undefined;
  if (device.connections.some(({ id }) => id === connectionId)) return undefined;
  const ended = device.connections.filter(
    ({ source }) => source !== null && source.id !== sourceId && source.leaseEnd <= step.t,
  );
  for (const { id } of ended) closeConnection(step, device, id);
  if (ended.length > 0) return undefined;
  return `the device has ${CONNECTIONS_PER_DEVICE_MAX} connections, which is the most that are kept; disconnect one first`;
}

function openConnection(step: Step, device: Device, id: string, sourceId: string | null): void {
  const source = sourceId === null ? null : step.source(sourceId);
  // Who writes is alive: a source without a running lease gets one, and what it still holds lives on with it.
  const leaseEnd = step.t + step.policy.sourceTtlMs;
  if (source !== null && source.leaseEnd <= step.t && source.leaseEnd < leaseEnd) {
    source.leaseEnd = leaseEnd;
    step.changed = true;
  }
  const held = device.connections.find((connection) => connection.id === id);
  if (held === undefined || held.source !== source) {
    closeConnection(step, device, id);
    device.connections = device.connections.concat({ id, source }); // as in addDevice
    step.changed = true;
  }
  source?.users.add(step.user);
}

/** `device.disconnected` (semantics, section 4). */
export function deviceDisconnected(step: Step, event: EventOf<'device.disconnected'>): Refusal {
  const id = event.device_id ?? DEFAULT_DEVICE;
  const device = findDevice(step.user, id);
  if (device === undefined) return undefined;
  closeConnection(step, device, event.connection_id ?? id);
  if (event.reason === 'logout') {
    removeDevice(step.user, device);
    step.changed = true;
  } else if (!device.connections.some(({ source }) => source === null || source.leaseEnd > step.t)) {
    see(step, device, step.a);
    if (device.leaseUntil !== null) {
      device.leaseUntil = null;
      step.changed = true;
    }
  }
  return undefined;
}

/** `device.active`: a message sent, a key pressed (semantics, section 4). */
export function deviceActive(step: Step, event: EventOf<'device.active'>): Refusal {
  const id = event.device_id ?? DEFAULT_DEVICE;
  let device = findDevice(step.user, id);
  if (device === undefined) {
    const refusal = refuseDevice(step.user);
    if (refusal !== undefined) return refusal;
    // It would be gone at once. What it tells of its user stays, and the same event again changes nothing.
    if (event.ttl_ms == null && step.a + step.policy.offlineAfterMs <= step.t) return bumpUser(step);
    device = addDevice(step, id, 'online', step.a);
  }
  if (event.ttl_ms != null) lease(step, device, step.t + event.ttl_ms);
  bump(step, device);
  return undefined;
}

/** `device.presence`: the client says idle, or back (semantics, section 4). */
export function devicePresence(step: Step, event: EventOf<'device.presence'>): Refusal {
  const device = findDevice(step.user, event.device_id ?? DEFAULT_DEVICE);
  if (device === undefined) return undefined;
  see(step, device, step.t);
  declare(step, device, event.presence);
  return undefined;
}
