import type { Column, Row } from '../table.ts';

export const SESSION_COLUMNS: readonly Column[] = [
  { name: 'user_id', type: 'text' },
  { name: 'start_ts', type: 'time' },
  { name: 'end_ts', type: 'time' },
  { name: 'length_ms', type: 'integer' },
];

/** From when a user was no longer shown offline to when they were again; `end` null: they are not yet. Milliseconds. */
export interface Session {
  readonly userId: string;
  readonly start: number;
  readonly end: number | null;
}

export const sessionRow = ({ userId, start, end }: Session): Row => [
  userId,
  start,
  end,
  end === null ? null : end - start,
];

/** Of those that have ended. Lengths in milliseconds; null where none has. */
export interface SessionLengths {
  readonly ended: number;
  readonly median: number | null;
  readonly p90: number | null;
  readonly max: number | null;
}

/** Percentiles by nearest rank: a length that some session had. */
export function sessionLengths(sessions: readonly Session[]): SessionLengths {
  const lengths = sessions.flatMap(({ start, end }) => (end === null ? [] : [end - start])).sort((a, b) => a - b);
  const rank = (share: number): number | null => lengths[Math.ceil(lengths.length * share) - 1] ?? null;
  return { ended: lengths.length, median: rank(0.5), p90: rank(0.9), max: lengths.at(-1) ?? null };
}
