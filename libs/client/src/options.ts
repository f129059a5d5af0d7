import type { Clock } from './clock.ts';

/** What somebody is, and what one can say to be. `offline`, set by hand, hides. */
export type Presence = 'online' | 'unavailable' | 'offline';

export interface ConnectOptions {
  /** Where the server is, as `https://presence.example.org`; a path in it is kept. */
  readonly url: string;
  /** The access token, or what gives the latest one: it is asked before each request. */
  readonly token: string | (() => string | Promise<string>);
  /** A resume token of an earlier client of the same user: changes since then come, and no snapshot. */
  readonly since?: string;
  /**
   * What being connected says of the user, at first. Absent: their device is connected, and they go idle in time. `online`:
   * they are active now. `unavailable`: they are idle. `offline`: nothing, and they watch unseen all the time.
   */
  readonly setPresence?: Presence;
  /** Ends everything. */
  readonly signal?: AbortSignal;
  /** By default the machine's. */
  readonly clock?: Clock;
}
