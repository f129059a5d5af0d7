import type { EventOf, UserEvent } from '#domain/events';
import { LIVE_POLICY } from '#domain/policy';
import type { SeededRandom } from '#runtime/clock/seeded-random';
import type { Actor } from './actor.ts';
import { draw, drawRest } from './durations.ts';
import type { Habits } from './habits.ts';
import { SERVERS } from './netsplit.ts';

/** Whose device it is. */
export interface DeviceOwner {
  readonly id: string;
  /** They have said that they are away. */
  readonly isAway: boolean;
  readonly habits: Habits;
}

const LOGOUT_PROBABILITY = 0.15;

/** One client: its sessions come and go. */
export class Device implements Actor {
  deadlineAt = Infinity;
  nextAt: number;
  readonly server: string;
  isConnected: boolean;
  lastActiveAt: number;
  private isCut = false;

  constructor(
    private readonly owner: DeviceOwner,
    readonly id: string,
    private readonly random: SeededRandom,
    startAt: number,
  ) {
    const { session, gap, quiet } = owner.habits;
    this.server = random.pick(SERVERS);
    this.isConnected = random.chance(session.medianMs / (session.medianMs + gap.medianMs));
    this.nextAt = startAt + drawRest(random, this.isConnected ? session : gap);
    this.lastActiveAt = startAt - draw(random, quiet);
  }

  act(at: number): UserEvent[] {
    return [this.isConnected ? this.disconnect(at) : this.connect(at)];
  }

  /** They type, or click. */
  use(at: number): EventOf<'device.active'> {
    this.lastActiveAt = at;
    return { type: 'device.active', user_id: this.owner.id, device_id: this.id };
  }

  /** Its server is lost, until `backAt`. */
  cut(backAt: number): EventOf<'device.disconnected'> {
    this.isConnected = false;
    this.isCut = true;
    this.nextAt = backAt;
    return { type: 'device.disconnected', user_id: this.owner.id, device_id: this.id, reason: 'netsplit' };
  }

  /** Says that it is connected, with what its user does. */
  connected(presence: 'online' | 'unavailable'): EventOf<'device.connected'> {
    return { type: 'device.connected', user_id: this.owner.id, device_id: this.id, presence };
  }

  private connect(at: number): UserEvent {
    // After a netsplit the client comes back by itself, whether or not anybody sits before it.
    const isUnattended = this.isCut && at >= this.lastActiveAt + LIVE_POLICY.idleAfterMs;
    this.isConnected = true;
    this.isCut = false;
    this.nextAt = at + draw(this.random, this.owner.habits.session);
    if (isUnattended || this.owner.isAway) return this.connected('unavailable');
    this.lastActiveAt = at;
    return this.connected('online');
  }

  private disconnect(at: number): UserEvent {
    this.isConnected = false;
    this.nextAt = at + draw(this.random, this.owner.habits.gap);
    const event = { type: 'device.disconnected', user_id: this.owner.id, device_id: this.id } as const;
    return this.random.chance(LOGOUT_PROBABILITY) ? { ...event, reason: 'logout' } : event;
  }
}
