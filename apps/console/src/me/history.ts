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

/** Before the first that is known of a user, so that one sees that it was the first. */
const MARGIN_MS = 1_000;

/** From when on it is known how the user was shown, in a span that begins at `from`: what nobody knows takes no room. */
export function startOf({ before, entries: [first], truncated }: History, from: number): number {
  if (first === undefined) return from;
  if (truncated) return first.ts;
  return before === null ? Math.max(from, first.ts - MARGIN_MS) : from;
}

export const entryText = (entry: Entry | null): string =>
  entry === null ? 'Offline' : shownAs(entry.presence, entry.currently_active, entry.status_msg);

export const entryKind = (entry: Entry | null): string =>
  entry?.currently_active === true ? 'active' : (entry?.presence ?? 'offline');
