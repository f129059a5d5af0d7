import { Backoff } from './backoff.ts';
import type { Change } from './change.ts';
import type { Clock } from './clock.ts';
import { sleep } from './clock.ts';
import { Http } from './http.ts';
import type { ConnectOptions, Presence } from './options.ts';
import { RequestError } from './request-error.ts';
import { Roster } from './roster.ts';
import { Stream } from './stream.ts';
import { systemClock } from './system-clock.ts';
import type { UserPresence } from './user-presence.ts';

/** Activity is written no more often than this by the server, milliseconds, so more of it is not sent. */
const ACTIVE_EVERY_MS = 5_000;
/** Why the roster is emptied when an earlier snapshot was not told to its end: what it told may not be so any more. */
const BROKEN_OFF = 'The connection ended within a snapshot.';

export interface CallOptions {
  /** Ends this call; so does the client's own. */
  readonly signal?: AbortSignal;
}

/** Makes a client. It connects when it is watched. Throws a `TypeError` for a `url` that is none. */
export function connect(options: ConnectOptions): PresenceClient {
  return new PresenceClient(options);
}

/** A user's view of who is present. */
export class PresenceClient {
  private readonly clock: Clock;
  private readonly http: Http;
  private readonly closing = new AbortController();
  private readonly state: Roster;
  private token: string | null;
  private isWatched = false;
  private activeAt = -Infinity;
  private me: string | null = null;
  private setPresenceNext: Presence | undefined;

  constructor(private readonly options: ConnectOptions) {
    this.clock = options.clock ?? systemClock;
    this.http = new Http(options);
    this.state = new Roster(this.clock);
    this.token = options.since ?? null;
    this.setPresenceNext = options.setPresence;
  }

  /** Those whom the user sees, by user id, oneself included: as of the last change that `watch` has told. */
  get roster(): ReadonlyMap<string, UserPresence> {
    return this.state.users;
  }

  /** Where another client of the same user can go on (`since`); null before there is anything to go on from. */
  get resumeToken(): string | null {
    return this.token;
  }

  /**
   * Tells what changes, for as long as it is iterated. It comes back by itself when the connection is lost, and misses
   * nothing; who iterates slowly hears the latest of each user. It ends when a signal is aborted. Throws a `RequestError`
   * when coming back is of no use (the token is not good any more). One at a time.
   */
  async *watch({ signal }: CallOptions = {}): AsyncGenerator<Change, void, void> {
    if (this.isWatched) throw new Error('The client is watched already: one at a time.');
    this.isWatched = true;
    const leaving = new AbortController();
    const ended = this.signalOf(signal, leaving.signal);
    const backoff = new Backoff(this.clock);
    try {
      while (!ended.aborted) {
        let saidMs: number | null = null;
        let failure: Error | null = null;
        try {
          const stream = await this.open(ended);
          yield { type: 'connected' };
          if (this.token === null && this.roster.size > 0) yield this.state.reset(BROKEN_OFF);
          try {
            for await (const { frame, token } of stream.frames()) {
              backoff.reset();
              const changes = this.state.take(frame);
              if (token !== null || frame.type === 'reset') this.token = token;
              yield* changes;
            }
          } finally {
            saidMs = stream.retryMs;
          }
        } catch (error) {
          if (error instanceof RequestError && !error.isPassing) throw error;
          failure = error as Error;
          if (error instanceof RequestError) saidMs = error.retryAfterMs;
        }
        if (ended.aborted) return;
        const retryMs = backoff.next(saidMs);
        yield { type: 'disconnected', retryMs, error: failure };
        await sleep(this.clock, retryMs, ended);
      }
    } finally {
      leaving.abort();
      this.isWatched = false;
    }
  }

  /**
   * Sets the user's presence by hand, with a status message; without one the message is cleared. Resolves when it is
   * durable. Throws a `RequestError`.
   */
  async setPresence(presence: Presence, statusMsg?: string | null, options: CallOptions = {}): Promise<void> {
    const path = `/_matrix/client/v3/presence/${encodeURIComponent(await this.userId(options))}/status`;
    const body = { presence, ...(statusMsg == null || statusMsg === '' ? {} : { status_msg: statusMsg }) };
    await this.request('PUT', path, { ...options, body });
  }

  /**
   * The user has done something. Call it as often as you like: it is sent every few seconds, and not at all by who watches
   * unseen. Throws a `RequestError`.
   */
  async active(options: CallOptions = {}): Promise<void> {
    if (this.options.setPresence === 'offline') return;
    const now = this.clock.now();
    if (Math.abs(now - this.activeAt) < ACTIVE_EVERY_MS) return;
    this.activeAt = now;
    await this.request('POST', '/v1/active', options);
  }

  /** Whose the token is. Throws a `RequestError`. */
  async userId(options: CallOptions = {}): Promise<string> {
    this.me ??= (await this.request<{ user_id: string }>('GET', '/_matrix/client/v3/account/whoami', options)).user_id;
    return this.me;
  }

  /** Any other route of the server: sends and answers JSON. Throws a `RequestError`. */
  async request<Answer>(
    method: string,
    path: string,
    { signal, body }: CallOptions & { readonly body?: unknown } = {},
  ): Promise<Answer> {
    const response = await this.http.send(path, { method, body, signal: this.signalOf(signal) });
    return (await response.json()) as Answer;
  }

  /** Ends everything. */
  close(): void {
    this.closing.abort();
  }

  private async open(signal: AbortSignal): Promise<Stream> {
    const said = this.setPresenceNext;
    const query = said === undefined ? '' : `?set_presence=${said}`;
    const headers: Record<string, string> = this.token === null ? {} : { 'last-event-id': this.token };
    const { body } = await this.http.send(`/v1/stream${query}`, { headers, signal });
    if (body === null) throw new Error('The server answered with an empty stream.');
    // Said once: to come back is no sign that the user is active, or idle. But who watches unseen always does.
    if (said !== 'offline') this.setPresenceNext = undefined;
    return new Stream(body, this.clock);
  }

  private signalOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
    return AbortSignal.any([this.closing.signal, this.options.signal, ...signals].filter((one) => one !== undefined));
  }
}
