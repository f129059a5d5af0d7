import type { EventOf, UserEvent } from '#domain/events';
import type { SeededRandom } from '#runtime/clock/seeded-random';
import type { Actor } from './actor.ts';
import { Device } from './device.ts';
import { draw, drawRest, MINUTE } from './durations.ts';
import type { Absence, Habits } from './habits.ts';
import { ABSENCES, BETWEEN_ABSENCES, HABITS, MOTTOS } from './habits.ts';
import { drawRooms, userIdOf } from './names.ts';

const DEVICES: readonly (readonly [weight: number, ids: readonly string[]])[] = [
  [60, ['LAPTOP']],
  [20, ['PHONE']],
  [20, ['LAPTOP', 'PHONE']],
];
const ANNOUNCES_ABSENCES_PROBABILITY = 0.35;
const AWAY_AT_FIRST_PROBABILITY = 0.25;
const MOTTO_PROBABILITY = 0.12;
/** Whoever is not connected when they mean to set a status does it later. */
const STATUS_RETRY_MS = 2 * MINUTE;

/** One of the crowd. What they are like follows from the seed and their number alone, not from how many others there are. */
export class Person implements Actor {
  deadlineAt = Infinity;
  nextAt = Infinity;
  readonly id: string;
  readonly habits: Habits;
  readonly rooms: readonly string[];
  readonly devices: readonly Device[];
  private readonly announcesAbsences: boolean;
  private readonly motto: string;
  private absence: Absence | null = null;

  constructor(
    index: number,
    private readonly random: SeededRandom,
    startAt: number,
  ) {
    this.id = userIdOf(index);
    this.habits = random.weighted(HABITS);
    this.rooms = drawRooms(random, index);
    this.devices = random.weighted(DEVICES).map((id) => new Device(this, id, random, startAt));
    this.motto = random.chance(MOTTO_PROBABILITY) ? random.pick(MOTTOS) : '';
    this.announcesAbsences = random.chance(ANNOUNCES_ABSENCES_PROBABILITY);
    if (!this.announcesAbsences) return;
    if (random.chance(AWAY_AT_FIRST_PROBABILITY)) this.absence = random.weighted(ABSENCES);
    this.nextAt = startAt + drawRest(random, this.absence?.duration ?? BETWEEN_ABSENCES);
  }

  get isAway(): boolean {
    return this.absence !== null;
  }

  /** Whether they may say something now. */
  get isReachable(): boolean {
    return !this.isAway && this.devices.some((device) => device.isConnected);
  }

  /** Goes away, with a word about it, or comes back. */
  act(at: number): UserEvent[] {
    const device = this.connectedDevice();
    if (device === undefined) {
      this.nextAt = at + STATUS_RETRY_MS;
      return [];
    }
    this.absence = this.isAway ? null : this.random.weighted(ABSENCES);
    this.nextAt = at + draw(this.random, this.absence?.duration ?? BETWEEN_ABSENCES);
    device.use(at);
    return [{ ...this.status(), device_id: device.id }];
  }

  /** Says something. Only for who is reachable. */
  speak(at: number): UserEvent[] {
    const device = this.connectedDevice();
    return device === undefined ? [] : [device.use(at)];
  }

  /** How things stand with them at the start; each event has as `ts` what it had in the crowd's past. */
  opening(): UserEvent[] {
    const joined = this.rooms.map((room) => ({ type: 'room.joined', user_id: this.id, room_id: room }) as const);
    const connected = this.devices.filter((device) => device.isConnected);
    const lastActiveAt = Math.max(...this.devices.map((device) => device.lastActiveAt));
    return [
      ...joined,
      ...connected.map((device) => ({ ...device.connected('online'), ts: device.lastActiveAt })),
      // Last, because connecting would end an absence. Also for who has none: an earlier run may have left one in the log.
      ...(this.announcesAbsences || this.motto !== '' ? [{ ...this.status(), ts: lastActiveAt }] : []),
    ];
  }

  private status(): EventOf<'status.set'> {
    const presence = this.isAway ? 'unavailable' : 'online';
    return { type: 'status.set', user_id: this.id, presence, status_msg: this.absence?.message ?? this.motto };
  }

  private connectedDevice(): Device | undefined {
    const connected = this.devices.filter((device) => device.isConnected);
    return connected.length === 0 ? undefined : this.random.pick(connected);
  }
}
