import type { Presence } from '#client/index';
import { shownAs } from './shown-as.ts';

/** What the user was shown as from `ts` on, and why. */
export interface Entry {
  /** Milliseconds since the epoch. */
  readonly ts: number;
  readonly presence: Presence;
  readonly currently_active: boolean;
  readonly status_msg: string | null;
  readonly why: string;
}

/** As the server answers it: entries are the oldest first, and `before` held before them. */
export interface History {
  readonly before: Entry | null;
  readonly entries: readonly Entry[];
  readonly truncated: boolean;
}

/** What held at that time; null: the server had not heard of the user. */
export function entryAt({ before, entries }: History, time: number): Entry | null {
  return entries.findLast(({ ts }) => ts <= time) ?? before;
}

export const entryText = (entry: Entry | null): string =>
  entry === null ? 'Offline' : shownAs(entry.presence, entry.currently_active, entry.status_msg);

export const entryKind = (entry: Entry | null): string =>
  entry?.currently_active === true ? 'active' : (entry?.presence ?? 'offline');
