import type { Policy } from '#domain/policy';
import { LIVE_POLICY } from '#domain/policy';
import type { PublicState } from '#domain/state';
import type { CheckpointRecord } from '#domain/state-records';
import type { RoomPolicy } from '#domain/visibility';
import type { Appended, MessageLog } from '#message-log/message-log';
import { spread } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { tooMany, unavailable } from '#runtime/http/matrix-error';
import type { Lag } from '#runtime/lag';
import type { Log } from '#runtime/log';
import type { Images } from '#service/images/images';
import { CatchUp } from './catch-up.ts';
import type { FrameSink } from './connection.ts';
import { Connection } from './connection.ts';
import { Hub } from './hub.ts';
import type { PollAnswer, PollOptions } from './long-poll.ts';
import { LongPoll } from './long-poll.ts';
import type { Place } from './place.ts';
import { PresenceView } from './presence-view.ts';
import { ResumeTokens } from './resume-token.ts';
import { addTo, removeFrom } from './sets-by-key.ts';
import type { ReaderObserver } from './state-reader.ts';
import { StateReader } from './state-reader.ts';
import { ViewImage } from './view-image.ts';

export interface DeliveryOptions {
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly logger: Log;
  /** 32 bytes, the same on every node. */
  readonly tokenKey: Buffer;
  readonly roomPolicy: RoomPolicy;
  /** How long changes are gathered before they are sent, milliseconds. */
  readonly flushMs: number;
  readonly observer?: DeliveryObserver;
  /** Where it keeps images of its view, to begin again from. */
  readonly images?: Images | null;
}

/** Hears what a node takes and gives, for metrics. */
export interface DeliveryObserver extends ReaderObserver {
  /** Frames that a transport was given. */
  given(frames: number): void;
}

/** Where a client begins: at its token's place, or from nothing, with the reason if it had hoped for more. */
interface Start {
  readonly since: Place | null;
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
  private readonly catchUp: CatchUp;
  /** By user: what is open, be it a stream or a poll. */
  private readonly open = new Map<string, Set<Connection | LongPoll>>();
  private isStopping = false;
  private starting: Promise<void> = Promise.resolve();

  constructor(private readonly options: DeliveryOptions) {
    const { log, clock, logger, tokenKey, roomPolicy, flushMs, observer } = options;
    this.presence = new PresenceView(log.partitionCount, roomPolicy);
    this.hub = new Hub(this.presence, clock, flushMs, (frames) => observer?.given(frames));
    this.reader = new StateReader(log, this.hub, clock, logger, observer);
    this.tokens = new ResumeTokens(tokenKey, log.logId);
    this.catchUp = new CatchUp(log, this.hub, clock);
  }

  start(): void {
    this.starting = this.begin();
  }

  /** Tells every client to come back, and stops reading. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const connections of this.open.values()) for (const connection of connections) connection.close();
    this.open.clear();
    await this.options.images?.stop();
    await this.starting;
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

  /** The same, and null for the observer is an upstream service, which sees all that is known. */
  stateFor(observer: string | null, userId: string): PublicState | null {
    if (observer !== null) return this.status(observer, userId);
    this.requireReady();
    const user = this.presence.users.get(userId);
    return user === undefined || user.removedAt !== null ? null : user;
  }

  /** All that this node knows: what a user is told of it goes through `view`. Throws 503 while there is no full view yet. */
  current(): PresenceView {
    this.requireReady();
    return this.presence;
  }

  /**
   * The same, once it has what is in the log now: of the partitions of these users, or of all. Throws 503 when that takes too
   * long.
   */
  async upToDate(userIds: Iterable<string> | 'all'): Promise<PresenceView> {
    const all = Array.from({ length: this.presence.partitionCount }, (_, partition) => partition);
    const some = userIds === 'all' ? all : [...userIds].map((userId) => this.presence.partitionOf(userId));
    this.requireReady();
    await this.catchUp.reachEnd(some, CATCH_UP_MS_MAX);
    return this.presence;
  }

  /** The last checkpoint of a partition: how far what is known of its users goes. Undefined: it has none. */
  checkpointOf(partition: number): CheckpointRecord | undefined {
    return this.hub.checkpointOf(partition);
  }

  /** Resolves at the next checkpoint that is read, or after `ms` milliseconds without one. */
  async nextCheckpoint(ms: number): Promise<void> {
    await this.hub.nextCheckpoint(ms);
  }

  /** Waits, not long, until this node knows what was written, so that whoever wrote can read it here. */
  async applied(written: readonly Appended[]): Promise<void> {
    await this.catchUp.reachWritten(written, CATCH_UP_MS_MAX);
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
    if (!(await this.catchUp.reach(since.cursor, CATCH_UP_MS_MAX))) {
      throw unavailable('This node has not caught up with your token yet.', spread(RETRY_AFTER_MS));
    }
    if (this.hub.canResume(since.cursor)) return { since, reset: null };
    return { since: null, reset: 'The token is too old: what ended since then is no longer known.' };
  }

  /** Opens a connection. Throws 429 when the user has too many. Call `pump` when the transport is set up. */
  connect(userId: string, since: Place | null, sink: FrameSink): Connection {
    this.requireRoom(userId);
    const connection = new Connection(userId, since, this.hub, this.tokens, this.options.clock, sink);
    addTo(this.open, userId, connection);
    return connection;
  }

  disconnect(connection: Connection | LongPoll): void {
    connection.close();
    removeFrom(this.open, connection.userId, connection);
  }

  /**
   * Answers a client that polls, with the token to come back with. Throws 429 when the user has too many polls and streams.
   * `signal`: the client has left.
   */
  async poll<Item>(
    userId: string,
    options: PollOptions<Item>,
    signal: AbortSignal,
  ): Promise<PollAnswer<Item> & { token: string }> {
    this.requireRoom(userId);
    const poll = new LongPoll(userId, options.since, this.hub, this.options.clock);
    addTo(this.open, userId, poll);
    const leave = (): void => poll.close();
    signal.addEventListener('abort', leave, { once: true });
    try {
      const answer = await poll.answer(options);
      return { ...answer, token: this.tokens.seal(userId, answer.place) };
    } finally {
      signal.removeEventListener('abort', leave);
      this.disconnect(poll);
    }
  }

  /** The policy in force, as far as is known. */
  get policy(): Policy {
    return this.hub.policy ?? LIVE_POLICY;
  }

  private async begin(): Promise<void> {
    const { images } = this.options;
    if (images != null) {
      const image = new ViewImage(this.presence, this.reader);
      await images.restore(image.name, image);
      images.keep(() => [image]);
    }
    if (!this.isStopping) this.reader.start();
  }

  /** Before anything is opened, also while this node stops: what came then would keep the server open. */
  private requireRoom(userId: string): void {
    if (this.isStopping) throw unavailable('This node is stopping. Come again.', spread(RETRY_AFTER_MS));
    if ((this.open.get(userId)?.size ?? 0) < CONNECTIONS_PER_USER_MAX) return;
    throw tooMany(`A user can have ${CONNECTIONS_PER_USER_MAX} streams and polls at a time.`, RETRY_AFTER_MS);
  }

  private requireReady(): void {
    if (!this.isReady) throw unavailable('This node is still reading the state.', spread(RETRY_AFTER_MS));
  }
}
