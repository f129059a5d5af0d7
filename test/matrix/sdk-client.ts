import { inspect } from 'node:util';
import type { ICreateClientOpts, MatrixClient, MatrixEvent, SyncState, User } from 'matrix-js-sdk';
import { ClientEvent, createClient, UserEvent } from 'matrix-js-sdk';

interface PresenceContent {
  readonly presence: string;
  readonly currently_active?: boolean;
  readonly status_msg?: string;
}

type Logger = NonNullable<ICreateClientOpts['logger']>;

interface PromiseParts<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** The SDK needs Node 22, but of what Node 20 lacks it calls this alone. */
(Promise as { withResolvers?: <Value>() => PromiseParts<Value> }).withResolvers ??= <Value>() => {
  let parts: Omit<PromiseParts<Value>, 'promise'> | undefined;
  const promise = new Promise<Value>((resolve, reject) => (parts = { resolve, reject }));
  if (parts === undefined) throw new Error('A promise begins at once.');
  return { promise, ...parts };
};

/** The SDK never clears the timers that end its requests, after 15 to 110 s. They must not keep the process for that. */
const REQUEST_TIMER_MS_MIN = 10_000;
const setTimer = globalThis.setTimeout;
Object.assign(globalThis, {
  setTimeout: (run: () => void, ms: number, ...rest: []) => {
    const timer = setTimer(run, ms, ...rest);
    return ms < REQUEST_TIMER_MS_MIN ? timer : timer.unref();
  },
});

const open = new Set<SdkClient>();

/** Ends the clients that a test has left running; Jest would wait for them. */
export function stopSdkClients(): void {
  for (const client of open) client.stop();
}

/** A client of matrix-js-sdk as its users make it, and what it tells them. */
export class SdkClient {
  readonly sdk: MatrixClient;
  /** Of each sync. */
  readonly states: SyncState[] = [];
  /** What the SDK calls errors: of these it logs. */
  readonly errors: string[] = [];
  /** What the SDK tells of users, as `User.presence @bob:x online`. */
  readonly changes: string[] = [];
  /** Paths and queries of its requests. */
  readonly requests: string[] = [];
  /** User and presence, as `online active` or `unavailable "away"`, of each event. */
  private readonly events: [string, string][] = [];
  private waiting: { isSo: () => boolean; resolve: () => void }[] = [];

  constructor(
    baseUrl: string,
    readonly userId: string,
    deviceId = 'SDK',
  ) {
    const fetchFn: typeof fetch = (resource, options) => {
      this.requests.push((resource instanceof Request ? resource.url : String(resource)).slice(baseUrl.length));
      return fetch(resource, options);
    };
    const accessToken = `${userId}/${deviceId}`;
    this.sdk = createClient({ baseUrl, accessToken, userId, deviceId, logger: this.logger(), fetchFn });
    this.sdk.on(ClientEvent.Sync, (state) => this.note(() => this.states.push(state)));
    this.sdk.on(ClientEvent.Event, (event) => this.note(() => this.take(event)));
    const changed = (name: UserEvent, what: (user: User) => unknown) => (_event: unknown, user: User) =>
      this.note(() => this.changes.push(`${name} ${user.userId} ${String(what(user))}`));
    this.sdk.on(
      UserEvent.Presence,
      changed(UserEvent.Presence, ({ presence }) => presence),
    );
    this.sdk.on(
      UserEvent.CurrentlyActive,
      changed(UserEvent.CurrentlyActive, (user) => user.currentlyActive),
    );
    this.sdk.on(
      UserEvent.LastPresenceTs,
      changed(UserEvent.LastPresenceTs, ({ lastPresenceTs }) => lastPresenceTs > 0),
    );
  }

  /** Starts it with the SDK's defaults, and waits for the first sync. */
  async start(): Promise<void> {
    open.add(this);
    await this.sdk.startClient();
    await this.until(() => this.sdk.getSyncState() === 'SYNCING');
  }

  stop(): void {
    open.delete(this);
    this.sdk.stopClient();
  }

  /** What it was told of the user, in order. */
  told(userId: string): string[] {
    return this.events.filter(([sender]) => sender === userId).map(([, text]) => text);
  }

  /** What it was told last of the user. */
  lastTold(userId: string): string | undefined {
    return this.told(userId).at(-1);
  }

  /** Resolves as soon as it is so, which is looked at whenever there is something new. */
  async until(isSo: () => boolean): Promise<void> {
    if (!isSo()) await new Promise<void>((resolve) => this.waiting.push({ isSo, resolve }));
  }

  private note(take: () => void): void {
    take();
    this.waiting = this.waiting.filter(({ isSo, resolve }) => {
      const isOver = isSo();
      if (isOver) resolve();
      return !isOver;
    });
  }

  private take(event: MatrixEvent): void {
    if (event.getType() !== 'm.presence') return;
    const content = event.getContent<PresenceContent>();
    const message = content.status_msg === undefined ? '' : ` "${content.status_msg}"`;
    const active = content.currently_active === true ? ' active' : '';
    this.events.push([event.getSender() ?? '', `${content.presence}${active}${message}`]);
  }

  private logger(): Logger {
    const ignored = (): void => undefined;
    const logger: Logger = {
      trace: ignored,
      debug: ignored,
      info: ignored,
      warn: ignored,
      error: (...parts: unknown[]) => this.errors.push(parts.map((part) => inspect(part)).join(' ')),
      getChild: () => logger,
    };
    return logger;
  }
}
