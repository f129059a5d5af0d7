import type { PublicState } from '#domain/state';
import type { RoomPolicy } from '#domain/visibility';
import type { MessageLog } from '#message-log/message-log';
import type { Clock } from '#runtime/clock/clock';
import { tooMany, unavailable } from '#runtime/http/matrix-error';
import type { Lag } from '#runtime/lag';
import type { Log } from '#runtime/log';
import type { FrameSink } from './connection.ts';
import { Connection } from './connection.ts';
import { Hub } from './hub.ts';
import type { Cursor } from './tie-span.ts';
import { PresenceView } from './presence-view.ts';
import { ResumeTokens } from './resume-token.ts';
import { StateReader } from './state-reader.ts';

export interface DeliveryOptions {
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly logger: Log;
  /** 32 bytes, the same on every node. */
  readonly tokenKey: Buffer;
  readonly roomPolicy: RoomPolicy;
  /** How long changes are gathered before they are sent, milliseconds. */
  readonly flushMs: number;
}

/** Where a client begins: at its token's cursor, or from nothing, with the reason if it had hoped for more. */
interface Start {
  readonly since: Cursor | null;
  readonly reset: string | null;
}

const CATCH_UP_MS_MAX = 5_000;
const CONNECTIONS_PER_USER_MAX = 100;
const RETRY_AFTER_MS = 2_000;

/** The side that clients see: answers who is present, and streams changes. */
export class Delivery {
  private readonly presence: PresenceView;
  private readonly hub: Hub;
  private readonly reader: StateReader;
  private readonly tokens: ResumeTokens;
  private readonly connections = new Map<string, Set<Connection>>();

  constructor(private readonly options: DeliveryOptions) {
    const { log, clock, logger, tokenKey, roomPolicy, flushMs } = options;
    this.presence = new PresenceView(log.partitionCount, roomPolicy);
    this.hub = new Hub(this.presence, clock, flushMs);
    this.reader = new StateReader(log, this.hub, clock, logger);
    this.tokens = new ResumeTokens(tokenKey, log.logId);
  }

  start(): void {
    this.reader.start();
  }

  /** Tells every client to come back, and stops reading. */
  async stop(): Promise<void> {
    for (const connections of this.connections.values()) for (const connection of connections) connection.close();
    this.connections.clear();
    await this.reader.stop();
  }

  get isReady(): boolean {
    return this.reader.isCaughtUp;
  }

  /** Why clients had better go to another node, as a sentence; null when they are as well served here. */
  get fault(): string | null {
    return this.isReady ? this.reader.fault : 'delivery is reading the state';
  }

  get userCount(): number {
    return this.presence.users.size;
  }

  get connectionCount(): number {
    return this.hub.subscriberCount;
  }

  lags(): Lag[] {
    return this.reader.lags();
  }

  /** What the observer sees of the user; null: nothing. Throws 503 while there is no full view yet. */
  status(observer: string, observed: string): PublicState | null {
    this.requireReady();
    return this.presence.view(observer, observed);
  }

  /**
   * Finds where a client goes on. Waits, not long, for this node to catch up with a token of another; throws 503 with
   * Retry-After when that takes too long.
   */
  async startOf(userId: string, token: string | null): Promise<Start> {
    this.requireReady();
    if (token === null) return { since: null, reset: null };
    const since = this.tokens.open(userId, token);
    if (since === null) return { since: null, reset: 'The token is not one of yours for this log.' };
    const until = this.options.clock.now() + CATCH_UP_MS_MAX;
    while (!this.hub.hasReached(since)) {
      const leftMs = until - this.options.clock.now();
      if (leftMs <= 0 || !(await this.hub.nextCheckpoint(leftMs))) {
        throw unavailable('This node has not caught up with your token yet.', RETRY_AFTER_MS);
      }
    }
    if (this.hub.canResume(since)) return { since, reset: null };
    return { since: null, reset: 'The token is too old: what ended since then is no longer known.' };
  }

  /** Opens a connection. Throws 429 when the user has too many. Call `pump` when the transport is set up. */
  connect(userId: string, since: Cursor | null, sink: FrameSink): Connection {
    const connections = this.connections.get(userId) ?? new Set<Connection>();
    if (connections.size >= CONNECTIONS_PER_USER_MAX) {
      throw tooMany(`A user can have ${CONNECTIONS_PER_USER_MAX} streams at a time.`, RETRY_AFTER_MS);
    }
    const connection = new Connection(userId, since, this.hub, this.tokens, this.options.clock, sink);
    this.connections.set(userId, connections.add(connection));
    return connection;
  }

  disconnect(connection: Connection): void {
    connection.close();
    const connections = this.connections.get(connection.userId);
    connections?.delete(connection);
    if (connections?.size === 0) this.connections.delete(connection.userId);
  }

  private requireReady(): void {
    if (!this.isReady) throw unavailable('This node is still reading the state.', RETRY_AFTER_MS);
  }
}
