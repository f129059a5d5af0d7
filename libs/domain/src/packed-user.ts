import type { Code, Coder, Decoder } from './codes.ts';
import type { StateRecord } from './state-records.ts';
import { tieRecord, visibilityRecord } from './state-records.ts';
import type {
  Announcement,
  CauseType,
  Declared,
  Device,
  Manual,
  Position,
  Presence,
  Source,
  Tie,
  User,
} from './state.ts';
import { newUser } from './state.ts';
import { firstMembership, isFirstMembership } from './tie.ts';

type PackedAnnouncement = readonly [
  ts: number,
  presence: Presence,
  statusMsg: string | null,
  currentlyActive: boolean,
  lastActiveTs: number | null,
  offset: number,
  step: number,
  cause: Code,
  deviceId: string | null,
  causeOffset: number,
];

type PackedDevice = readonly [
  id: string,
  declared: Declared | null,
  declaredAt: number,
  lastActiveAt: number | null,
  lastSeenAt: number,
  leaseUntil: number | null,
  connections: readonly (readonly [id: string, source: Code | null])[],
];

/**
 * All that the fold knows of a user, as short as JSON can say it, for images of the state: its records have four times the
 * text, and are one for each tie.
 */
export type PackedUser = readonly [
  id: string,
  applied: number,
  at: number,
  step: number,
  lastActiveAt: number | null,
  statusMsg: string | null,
  manual: Manual | null,
  removedTs: number | null,
  announced: PackedAnnouncement | null,
  devices: readonly PackedDevice[],
  /** Room, offset and step of each membership that stands for the first time, as most do. */
  memberships: readonly Code[],
  /** All other ties, and a choice of visibility, as `presence.state` has them. */
  others: readonly StateRecord[],
];

/** What repeats itself is written as codes. */
export interface Codes<Room, Source, Cause> {
  readonly rooms: Room;
  readonly sources: Source;
  readonly causes: Cause;
}
export type UserCoders = Codes<Coder, Coder, Coder>;
export type UserDecoders = Codes<Decoder<string>, Decoder<Source>, Decoder<CauseType>>;

/** The coders are to be the same for all users of an image. */
export function packUser(user: User, { rooms, sources, causes }: UserCoders): PackedUser {
  const { announced, visibility } = user;
  const memberships: Code[] = [];
  const others: StateRecord[] = [];
  for (const kind of ['member', 'invite', 'answer'] as const) {
    for (const [other, tie] of user.ties[kind] ?? []) {
      if (kind === 'member' && isFirstMembership(tie)) {
        memberships.push(rooms.code(other), tie.since.offset, tie.since.step);
      } else others.push(tieRecord(kind, user.id, other, tie));
    }
  }
  if (visibility.at.offset >= 0) others.push(visibilityRecord(user.id, visibility, null));
  return [
    user.id,
    user.appliedOffset,
    user.at.offset,
    user.at.step,
    user.lastActiveAt,
    user.statusMsg,
    user.manual,
    user.removedTs,
    announced === null ? null : packAnnouncement(announced, causes),
    user.devices.map((device) => packDevice(device, sources)),
    memberships,
    others,
  ];
}

/** What `packUser` has packed, without the others; to be called in the same order. */
export function unpackUser(packed: PackedUser, { rooms, sources, causes }: UserDecoders): User {
  const [id, applied, at, step, lastActiveAt, statusMsg, manual, removedTs, announced, devices, memberships] = packed;
  const user = newUser(id);
  user.appliedOffset = applied;
  user.at = { offset: at, step };
  user.lastActiveAt = lastActiveAt;
  user.statusMsg = statusMsg;
  user.manual = manual;
  user.removedTs = removedTs;
  user.announced = announced === null ? null : unpackAnnouncement(announced, causes);
  user.devices = devices.map((device) => unpackDevice(device, sources));
  if (memberships.length > 0) user.ties.member = unpackMemberships(memberships, rooms);
  return user;
}

/** The memberships of a packed row: room, offset and step of each. */
function unpackMemberships(packed: readonly Code[], rooms: Decoder<string>): Map<string, Tie> {
  const ties = new Map<string, Tie>();
  for (let i = 0; i < packed.length; i += 3) {
    const since: Position = { offset: packed[i + 1] as number, step: packed[i + 2] as number };
    ties.set(rooms.value(packed[i] as Code), firstMembership(since));
  }
  return ties;
}

const packAnnouncement = ({ cause, position, ...state }: Announcement, causes: Coder): PackedAnnouncement => [
  state.ts,
  state.presence,
  state.statusMsg,
  state.currentlyActive,
  state.lastActiveTs,
  position.offset,
  position.step,
  causes.code(cause.type),
  cause.deviceId,
  cause.offset,
];

function unpackAnnouncement(packed: PackedAnnouncement, causes: Decoder<CauseType>): Announcement {
  const [ts, presence, statusMsg, currentlyActive, lastActiveTs, offset, step, type, deviceId, causeOffset] = packed;
  const cause = { type: causes.value(type), deviceId, offset: causeOffset };
  return { ts, presence, statusMsg, currentlyActive, lastActiveTs, position: { offset, step }, cause };
}

const packDevice = (device: Device, sources: Coder): PackedDevice => [
  device.id,
  device.declared,
  device.declaredAt,
  device.lastActiveAt,
  device.lastSeenAt,
  device.leaseUntil,
  device.connections.map(({ id, source }) => [id, source === null ? null : sources.code(source.id)]),
];

function unpackDevice(packed: PackedDevice, sources: Decoder<Source>): Device {
  const [id, declared, declaredAt, lastActiveAt, lastSeenAt, leaseUntil, connections] = packed;
  return {
    id,
    declared,
    declaredAt,
    lastActiveAt,
    lastSeenAt,
    leaseUntil,
    connections: connections.map(([connectionId, source]) => ({
      id: connectionId,
      source: source === null ? null : sources.value(source),
    })),
  };
}
