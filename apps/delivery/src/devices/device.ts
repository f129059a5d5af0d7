import type { UserEvent } from '#domain/events';
import type { Declared } from '#domain/state';
import type { Clock } from '#runtime/clock/clock';

/** What happened not longer ago than this is written without `ts`: the log's time is right, and no clock's error matters. */
const PROMPT_MS = 100;
/** A client that changes its mind more often is written down with the last of it. */
const DECLARED_EVERY_MS = 1_000;

/** What is to be written of a device. */
export interface Report {
  readonly events: readonly UserEvent[];
  /** To be called when it is known whether they were written; else they are said again. */
  settle(isWritten: boolean): void;
}

interface Connection {
  /** It was sent to the log, which may know of it. */
  isSent: boolean;
  /** The log has it, held by the present source. */
  isSaid: boolean;
  closedAt: number | null;
}

/**
 * A client as far as it is connected to this node, and what the log was not told of it yet. It holds no queue of events but
 * the latest of everything, so that what waits is bounded however long the log cannot be written. Times are milliseconds.
 */
export class Device {
  /** The open ones, and those of whose end the log does not know. */
  private readonly connections = new Map<string, Connection>();
  private open = 0;
  private declared: Declared = 'online';
  private declaredAt = -Infinity;
  private isDeclaredAnew = false;
  /** This and the other `…AgainAt` are by the clock's `elapsed`. */
  private declaredAgainAt = -Infinity;
  private activeAt: number | null = null;
  private isActiveAnew = false;
  private activeAgainAt = -Infinity;
  private vouchedUntil = -Infinity;

  constructor(
    readonly userId: string,
    readonly deviceId: string,
    /** Activity is written no more often than this. */
    private readonly activityEveryMs: number,
  ) {}

  get openCount(): number {
    return this.open;
  }

  /** Nothing of it is open, and the log knows all. */
  get isSpent(): boolean {
    return this.connections.size === 0 && !this.isActiveAnew && !this.isDeclaredAnew;
  }

  /** What the client says of itself, as far as this node was told. */
  get says(): Declared {
    return this.declared;
  }

  /** Until then, by the clock's `elapsed`, nobody needs to vouch for the user again. */
  get vouchedForUntil(): number {
    return this.vouchedUntil;
  }

  /** A connection is open. Without `presence`, what the device said before holds; at first that is online. */
  opened(connectionId: string, presence: Declared | undefined, now: number): void {
    if (this.connections.size === 0) {
      this.declared = presence ?? 'online';
      this.isDeclaredAnew = false;
      if (this.declared === 'online') this.activeAt = now;
      else if (!this.isActiveAnew) this.activeAt = null;
    } else if (presence !== undefined && presence !== this.declared) this.declare(presence, now);
    this.connections.set(connectionId, { isSent: false, isSaid: false, closedAt: null });
    this.open++;
  }

  /** The connection ended at `at`. */
  closed(connectionId: string, at: number): void {
    const connection = this.connections.get(connectionId);
    if (connection === undefined || connection.closedAt !== null) return;
    this.open--;
    if (connection.isSent) connection.closedAt = at;
    else this.connections.delete(connectionId); // said now, it would look as if somebody came who has left
  }

  /** The client says that its user is idle, or back; to be back is activity. */
  declare(presence: Declared, now: number): void {
    if (presence === 'online' && this.declared === 'unavailable') this.activeAt = now;
    this.declared = presence;
    this.declaredAt = now;
    this.isDeclaredAnew = true;
  }

  /** The user has done something, which outranks an earlier "idle". */
  active(now: number): void {
    this.activeAt = now;
    this.isActiveAnew = true;
    // Said in so many words, because the log compares the activity's `ts`, of this clock, with a time of its own.
    if (this.declared === 'unavailable') this.declare('online', now);
  }

  /** The client vouches that its user is there: that is activity, but no more than once in `windowMs`. */
  vouchedFor(clock: Clock, windowMs: number): void {
    if (clock.elapsed() < this.vouchedUntil) return;
    this.vouchedUntil = clock.elapsed() + windowMs;
    this.active(clock.now());
  }

  /** Another source has to say its open connections again. Returns how many the log has been told of. */
  unsay(): number {
    let count = 0;
    for (const connection of this.connections.values()) {
      if (connection.isSaid && connection.closedAt === null) count++;
      connection.isSaid = false;
    }
    return count;
  }

  /** When, by the clock's `elapsed`, something is to be written: -Infinity for at once, Infinity when there is nothing. */
  dueAt(): number {
    for (const { isSaid, closedAt } of this.connections.values()) if (!isSaid || closedAt !== null) return -Infinity;
    return this.changeDueAt();
  }

  /** Takes what is to be written now; when it is the last time, even what could wait. */
  report(clock: Clock, sourceId: string, isLast: boolean): Report {
    const [now, elapsed] = [clock.now(), clock.elapsed()];
    const isDue = isLast || elapsed >= this.changeDueAt();
    const tellsActive = isDue && this.isActiveAnew;
    const tellsDeclared = isDue && this.isDeclaredAnew;
    const opened = this.take(({ isSaid, closedAt }) => !isSaid && closedAt === null);
    const closed = this.take(({ closedAt }) => closedAt !== null);
    for (const [, connection] of opened) connection.isSent = true;
    if (tellsActive) this.activeAgainAt = elapsed + this.activityEveryMs;
    if (tellsDeclared) this.declaredAgainAt = elapsed + DECLARED_EVERY_MS;
    if (isDue) this.isActiveAnew = this.isDeclaredAnew = false;
    return {
      events: [
        ...opened.map(([id]) => this.connectedEvent(id, sourceId, now)),
        ...this.changeEvents(tellsActive, tellsDeclared, opened.length > 0, now),
        ...closed.map(([id, { closedAt }]) => this.disconnectedEvent(id, closedAt ?? now, now)),
      ],
      settle: (isWritten) => {
        if (isWritten) {
          for (const [, connection] of opened) connection.isSaid = true;
          for (const [id] of closed) this.connections.delete(id);
          return;
        }
        this.isActiveAnew ||= tellsActive;
        this.isDeclaredAnew ||= tellsDeclared;
        this.activeAgainAt = this.declaredAgainAt = -Infinity;
      },
    };
  }

  private changeDueAt(): number {
    if (!this.isActiveAnew && !this.isDeclaredAnew) return Infinity;
    if (this.open === 0) return -Infinity;
    return Math.min(
      this.isActiveAnew ? this.activeAgainAt : Infinity,
      this.isDeclaredAnew ? this.declaredAgainAt : Infinity,
    );
  }

  private take(isWanted: (connection: Connection) => boolean): [string, Connection][] {
    return [...this.connections].filter(([, connection]) => isWanted(connection));
  }

  private connectedEvent(connectionId: string, sourceId: string, now: number): UserEvent {
    const isOnline = this.declared === 'online';
    return {
      type: 'device.connected',
      ...this.ids(),
      connection_id: connectionId,
      source_id: sourceId,
      // Absent it is online. If the log has lost the device, this is its activity, so it tells when that was.
      ...(isOnline ? tsOf(this.activeAt, now) : { presence: this.declared }),
    };
  }

  private changeEvents(tellsActive: boolean, tellsDeclared: boolean, isConnecting: boolean, now: number): UserEvent[] {
    const { declared } = this;
    const active: UserEvent = { type: 'device.active', ...this.ids(), ...tsOf(this.activeAt, now) };
    const declaredAt = tsOf(this.declaredAt, now);
    const presence: UserEvent = { type: 'device.presence', ...this.ids(), presence: declared, ...declaredAt };
    if (this.open === 0) {
      // Of a device that is gone only when it was active: to say its presence now would make it seen now.
      return tellsActive || (tellsDeclared && declared === 'online') ? [active] : [];
    }
    if (declared === 'online') {
      return [...(tellsDeclared && !isConnecting ? [presence] : []), ...(tellsActive ? [active] : [])];
    }
    // Idle comes last: activity would undo it.
    if (tellsActive) return [active, presence];
    return tellsDeclared && !isConnecting ? [presence] : [];
  }

  private disconnectedEvent(connectionId: string, at: number, now: number): UserEvent {
    return { type: 'device.disconnected', ...this.ids(), connection_id: connectionId, ...tsOf(at, now) };
  }

  private ids(): { user_id: string; device_id: string } {
    return { user_id: this.userId, device_id: this.deviceId };
  }
}

/** When it happened, unless that is as good as now. */
function tsOf(at: number | null, now: number): { ts?: number } {
  return at === null || at >= now - PROMPT_MS ? {} : { ts: at };
}
