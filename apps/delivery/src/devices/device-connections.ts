import type { Policy } from '#domain/policy';
import { LIVE_POLICY } from '#domain/policy';
import type { Declared } from '#domain/state';
import type { Caller } from '#runtime/auth/authenticator';
import { freshId, spread } from '#runtime/clock/chance';
import { TokenBuckets } from '#runtime/http/limits/token-buckets';
import { tooMany, unavailable } from '#runtime/http/matrix-error';
import type { Device } from './device.ts';
import type { DeviceConnection, SetPresence } from './device-connection.ts';
import { NO_CONNECTION } from './device-connection.ts';
import type { Known } from './known-devices.ts';
import { KnownDevices } from './known-devices.ts';
import { LongPollConnection } from './long-poll-connection.ts';
import type { OutboxOptions } from './outbox.ts';
import { Outbox } from './outbox.ts';

/** More devices than these do not wait to be written down: the log cannot keep up, or cannot be written. */
const WAITING_DEVICES_MAX = 100_000;
const RETRY_AFTER_MS = 5_000;
const DRAIN_MS_MAX = 2_000;
/** Part of `activeForMs` after which a client that vouches for its user is written down again: before that time is over. */
const VOUCHED_SHARE = 5 / 6;
const VOUCHED_MS_MIN = 100;
/**
 * How often a user can connect, since each time is written down, and its end. At once, all that it may have open, twice: as
 * when nodes are restarted one after another.
 */
const OPENINGS_PER_S = 5;
const OPENINGS_BURST = 200;

export interface DeviceConnectionsOptions extends OutboxOptions {
  /** False for an archive, which takes no events: there nobody is connected. */
  readonly isLive: boolean;
  /** Activity of one device is written no more often than this, milliseconds. */
  readonly activityEveryMs: number;
  /** The policy in force. */
  readonly policy?: () => Pick<Policy, 'activeForMs'>;
}

/**
 * What clients of this node do, as events with this node as the `source`: being connected to it is a device's connection.
 * So a crash of the node leaves nobody online, and who connects to another within the grace has never been away.
 */
export class DeviceConnections {
  private readonly known: KnownDevices;
  private readonly outbox: Outbox;
  /** By user. */
  private readonly openings: TokenBuckets;
  /** Before the ids of connections, so that two nodes never close each other's. */
  private readonly prefix: string;
  private lastNumber = 0;
  private openConnections = 0;
  private isStopping = false;

  constructor(private readonly options: DeviceConnectionsOptions) {
    this.prefix = (options.newId ?? freshId)().slice(0, 8);
    this.known = new KnownDevices(options.activityEveryMs);
    this.openings = new TokenBuckets(options.clock, OPENINGS_PER_S, OPENINGS_BURST);
    this.outbox = new Outbox(options, {
      devices: () => [...this.known.all()].map(({ device }) => device),
      openCount: () => this.openConnections,
      settled: (device) => this.settled(device),
    });
  }

  /** Connections that are open, one for the polls of a device. */
  get openCount(): number {
    return this.openConnections;
  }

  /** Devices with something to be written. */
  get waitingCount(): number {
    return this.outbox.waiting;
  }

  /**
   * A stream of the caller is open. `setPresence`: `offline` opens no connection; without it the device is connected, and
   * that is no activity of its own; `online` vouches for the user, once; `unavailable` says that the device is idle. Throws
   * a `MatrixError`: 400 for an id that no event can carry, 429 when the user connects too often, 503 when the log has been
   * failing for long, or the node stops.
   */
  open(caller: Caller, setPresence: SetPresence): DeviceConnection {
    if (setPresence === 'offline' || !this.options.isLive) return NO_CONNECTION;
    this.requireRoom(caller);
    const { clock } = this.options;
    const known = this.known.of(caller);
    const { device } = known;
    const id = this.opened(device, setPresence);
    if (setPresence === 'online') this.vouch(device);
    this.touch(known);
    let isOpen = true;
    const whileOpen = (act: () => void): void => {
      if (!isOpen || this.isStopping) return;
      act();
      this.touch(known);
    };
    return {
      active: () => whileOpen(() => device.active(clock.now())),
      says: (presence) => whileOpen(() => device.declare(presence, clock.now())),
      close: () => {
        whileOpen(() => this.closed(device, id, clock.now()));
        isOpen = false;
      },
    };
  }

  /**
   * The caller's user has done something, and says so apart from any connection. Written as the activity of connections is,
   * but at once while the device has none at this node. Throws a `MatrixError` as `open` does, but for how often.
   */
  active(caller: Caller): void {
    if (!this.options.isLive) return;
    this.requireTaking();
    const known = this.known.of(caller);
    known.device.active(this.options.clock.now());
    this.touch(known);
  }

  /**
   * A poll of the caller begins; returns what is to be called at its end. The device is connected from the first poll until
   * none has been open for `LINGER_MS`, and was last seen at the end of the last. `setPresence` is as with `open`, but a
   * client that says `online` vouches for its user for as long as the poll is open. Throws as `open` does.
   */
  poll(caller: Caller, setPresence: SetPresence): () => void {
    if (setPresence === 'offline' || !this.options.isLive) return () => undefined;
    if (this.isStopping || this.known.find(caller)?.polls == null) this.requireRoom(caller);
    const known = this.known.of(caller);
    const { device } = known;
    if (known.polls === null) known.polls = this.openPolls(known, setPresence);
    else if (setPresence !== undefined && setPresence !== device.says) {
      device.declare(setPresence, this.options.clock.now());
    }
    if (setPresence === 'unavailable') known.polls.idle();
    const end = known.polls.begin(setPresence === 'online');
    this.touch(known);
    return end;
  }

  /**
   * The node stops. What was said is written, within a few seconds, and that the node is gone; its connections are not ended
   * one by one, so that their users have the grace to come back on another node unnoticed. To be called before they close.
   */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const { polls, cancelWake } of this.known.all()) {
      polls?.stop();
      cancelWake();
    }
    await this.outbox.end(DRAIN_MS_MAX);
  }

  private requireRoom({ userId }: Caller): void {
    this.requireTaking();
    const waitMs = this.openings.take(userId);
    if (waitMs > 0) throw tooMany('You connect too often. Wait, and connect again.', waitMs);
  }

  private requireTaking(): void {
    if (this.isStopping) throw unavailable('This node is stopping. Connect again.', spread(RETRY_AFTER_MS));
    if (this.outbox.waiting >= WAITING_DEVICES_MAX) {
      throw unavailable('Too many connections wait to be written down. Try again later.', spread(RETRY_AFTER_MS));
    }
  }

  private opened(device: Device, setPresence: Declared | undefined): string {
    const id = `${this.prefix}-${(++this.lastNumber).toString(36)}`;
    device.opened(id, setPresence, this.options.clock.now());
    this.openConnections++;
    return id;
  }

  private closed(device: Device, id: string, at: number): void {
    device.closed(id, at);
    this.openConnections--;
  }

  private openPolls(known: Known, setPresence: Declared | undefined): LongPollConnection {
    const { device } = known;
    const id = this.opened(device, setPresence);
    const polled = {
      vouch: () => {
        this.vouch(device);
        this.touch(known);
        return device.vouchedForUntil;
      },
      left: (at: number) => {
        if (this.isStopping) return;
        known.polls = null;
        this.closed(device, id, at);
        this.touch(known);
      },
    };
    return new LongPollConnection(polled, this.options.clock);
  }

  private vouch(device: Device): void {
    const { activeForMs } = this.options.policy?.() ?? LIVE_POLICY;
    device.vouchedFor(this.options.clock, Math.max(activeForMs * VOUCHED_SHARE, VOUCHED_MS_MIN));
  }

  /** Has what is to be written of the device written when it is due, and forgets the device when nothing more can be. */
  private touch(known: Known): void {
    known.cancelWake();
    if (this.isStopping) return;
    const { device, polls } = known;
    const now = this.options.clock.elapsed();
    const wakeAt = (at: number): void => {
      known.cancelWake = this.options.clock.after(Math.max(1, at - now), () => this.touch(known));
    };
    const dueAt = device.dueAt();
    if (dueAt <= now) this.outbox.add(device);
    else if (dueAt < Infinity) wakeAt(dueAt);
    else if (!device.isSpent || polls !== null) return;
    else if (device.vouchedForUntil > now) wakeAt(device.vouchedForUntil);
    else this.known.forget(known);
  }

  private settled(device: Device): void {
    const known = this.known.find(device);
    if (known?.device === device) this.touch(known);
  }
}
