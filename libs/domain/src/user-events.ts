import type { EventOf, UserEvent } from './events.ts';
import { deviceActive, deviceConnected, deviceDisconnected, devicePresence } from './device-events.ts';
import type { Tie, TieKind, VisibilityChoice } from './state.ts';
import { VISIBLE_TO_ALL } from './state.ts';
import type { Refusal, Step } from './step.ts';
import {
  addDevice,
  beginTie,
  bump,
  endTie,
  findDevice,
  refuseDevice,
  removeDevice,
  see,
  setTie,
  touchUser,
} from './step.ts';

/** Applies an event to its user: the table of semantics, section 4. Returns why it is refused, if it is. */
export function applyUserEvent(step: Step, event: UserEvent): Refusal {
  switch (event.type) {
    case 'device.connected':
      return deviceConnected(step, event);
    case 'device.disconnected':
      return deviceDisconnected(step, event);
    case 'device.active':
      return deviceActive(step, event);
    case 'device.presence':
      return devicePresence(step, event);
    case 'status.set':
      return statusSet(step, event);
    case 'room.joined':
      if (standing(step, 'member', event.room_id)) return undefined;
      return begin(step, 'member', step.roomIds.of(event.room_id), null);
    case 'room.left':
      return end(step, 'member', event.room_id);
    case 'list.invited':
      if (standing(step, 'invite', event.observed)?.invitation === event.invitation) return undefined;
      return begin(step, 'invite', event.observed, event.invitation);
    case 'list.dropped':
      if (standing(step, 'invite', event.observed)?.invitation !== event.invitation) return undefined;
      return end(step, 'invite', event.observed);
    case 'list.accepted':
      if (standing(step, 'answer', event.owner)?.invitation === event.invitation) return undefined;
      return begin(step, 'answer', event.owner, event.invitation);
    case 'list.denied':
      return listDenied(step, event);
    case 'visibility.set':
      return visibilitySet(step, { showTo: event.show_to, blocked: event.blocked });
    case 'user.removed':
      return userRemoved(step);
  }
}

/** `status.set`: what PUT status writes. */
function statusSet(step: Step, event: EventOf<'status.set'>): Refusal {
  const { user } = step;
  const presence = event.presence ?? null;
  const deviceId = event.device_id ?? null;
  let device = deviceId === null ? undefined : findDevice(user, deviceId);
  if (presence !== null && presence !== 'offline' && deviceId !== null) {
    if (device === undefined) {
      const refusal = refuseDevice(user);
      if (refusal !== undefined) return refusal;
      device = addDevice(step, deviceId, presence, step.t);
    }
    see(step, device, step.t);
  }
  if (presence === 'online') {
    if (user.manual !== null) {
      user.manual = null;
      step.changed = true;
    }
    if (device === undefined) touchUser(step);
    else {
      if (device.declared !== 'online' || device.declaredAt !== step.t) {
        device.declared = 'online';
        device.declaredAt = step.t;
        step.changed = true;
      }
      bump(step, device);
    }
  } else if (presence !== null && (user.manual?.presence !== presence || user.manual.at !== step.t)) {
    user.manual = { presence, at: step.t };
    step.changed = true;
  }
  if (event.status_msg !== undefined) {
    const statusMsg = event.status_msg === '' ? null : event.status_msg;
    if (statusMsg !== user.statusMsg) {
      user.statusMsg = statusMsg;
      step.changed = true;
    }
  }
  return undefined;
}

/** `list.denied` of the invitation that was accepted revokes; of any other, it is an answer that is told. */
function listDenied(step: Step, event: EventOf<'list.denied'>): Refusal {
  const answer = step.user.ties.answer?.get(event.owner);
  if (answer?.invitation === event.invitation) return end(step, 'answer', event.owner);
  if (answer?.denied?.invitation === event.invitation) return undefined;
  const denied = { invitation: event.invitation, at: step.position };
  const tie = answer ?? endTie(step, beginTie(step, null));
  const { since, until, earlier, untilTs, invitation } = tie;
  setTie(step, 'answer', event.owner, { since, until, earlier, untilTs, invitation, denied });
  step.changed = true;
  return undefined;
}

/** `visibility.set` (semantics, section 7). */
function visibilitySet(step: Step, choice: VisibilityChoice): Refusal {
  const { user } = step;
  const same =
    choice.showTo === user.visibility.showTo &&
    choice.blocked.length === user.visibility.blocked.length &&
    choice.blocked.every((id, index) => id === user.visibility.blocked[index]);
  if (same) return undefined;
  const before = user.visibility;
  user.visibility = { ...choice, at: step.position };
  step.changes.visibility.push({ userId: user.id, choice: user.visibility, before });
  step.changed = true;
  return undefined;
}

/** `user.removed`: the account is gone, and all that it had. */
function userRemoved(step: Step): Refusal {
  const { user } = step;
  if (user.appliedOffset < 0 || user.removedTs !== null) return undefined; // never heard of, or not since
  for (const device of [...user.devices]) removeDevice(user, device);
  user.manual = null;
  user.statusMsg = null;
  user.lastActiveAt = null;
  for (const kind of ['member', 'invite', 'answer'] as const) {
    // Sorted, because a restore finds them in another order.
    for (const other of [...(user.ties[kind]?.keys() ?? [])].sort()) end(step, kind, other);
  }
  visibilitySet(step, VISIBLE_TO_ALL);
  step.changed = true;
  return undefined;
}

function standing(step: Step, kind: TieKind, other: string): Tie | undefined {
  const tie = step.user.ties[kind]?.get(other);
  return tie?.until === null ? tie : undefined;
}

function begin(step: Step, kind: TieKind, other: string, invitation: string | null): undefined {
  setTie(step, kind, other, beginTie(step, invitation, step.user.ties[kind]?.get(other)));
  step.changed = true;
}

function end(step: Step, kind: TieKind, other: string): undefined {
  const tie = standing(step, kind, other);
  if (tie === undefined) return;
  setTie(step, kind, other, endTie(step, tie));
  step.changed = true;
}
