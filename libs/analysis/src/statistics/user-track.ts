import type { Presence } from '#domain/state';

/** What is noted of a user while statistics are made. Times are milliseconds. */
export class UserTrack {
  presence: Presence = 'offline';
  /** As of when `presence` and `rooms` are as they are. */
  since = -Infinity;
  readonly rooms = new Set<string>();
  /** The user's last active time, announced or not. */
  lastActiveAt: number | null = null;
  sessionStart: number | null = null;
  sessions = 0;
  announcements = 0;
  online = 0;
  unavailable = 0;
  /** Time in scope and offline. */
  offline = 0;

  constructor(readonly id: string) {}
}
