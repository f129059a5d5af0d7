import type { Column, Row, Table } from '../table.ts';
import { tableOf } from '../table.ts';
import { CONCURRENCY_COLUMNS } from './concurrency.ts';
import { OUTCOME_COLUMNS } from './outcomes.ts';
import { ROOM_COLUMNS } from './room-times.ts';
import { SESSION_COLUMNS, sessionLengths, sessionRow } from './sessions.ts';
import type { Statistics } from './statistics.ts';

export const STATISTICS_TABLES = ['summary', 'concurrency', 'users', 'sessions', 'rooms', 'outcomes'] as const;
export type StatisticsTable = (typeof STATISTICS_TABLES)[number];

const USER_COLUMNS: readonly Column[] = [
  { name: 'user_id', type: 'text' },
  { name: 'online_ms', type: 'integer' },
  { name: 'unavailable_ms', type: 'integer' },
  { name: 'offline_ms', type: 'integer' },
  { name: 'sessions', type: 'integer' },
  { name: 'announcements', type: 'integer' },
];

const SUMMARY_COLUMNS: readonly Column[] = [
  { name: 'from_ts', type: 'time' },
  { name: 'to_ts', type: 'time' },
  { name: 'users', type: 'integer' },
  { name: 'online_ms', type: 'integer' },
  { name: 'unavailable_ms', type: 'integer' },
  { name: 'sessions_ended', type: 'integer' },
  { name: 'sessions_open', type: 'integer' },
  { name: 'session_median_ms', type: 'integer' },
  { name: 'session_p90_ms', type: 'integer' },
  { name: 'session_max_ms', type: 'integer' },
  { name: 'shown_max', type: 'integer' },
  { name: 'shown_max_ts', type: 'time' },
  { name: 'announcements', type: 'integer' },
  { name: 'silent', type: 'integer' },
  { name: 'no_change', type: 'integer' },
];

/** One of the tables of statistics that end at `to`. */
export function statisticsTable(name: StatisticsTable, statistics: Statistics, to: number): Table {
  const { from, scope } = statistics;
  switch (name) {
    case 'summary':
      return tableOf(SUMMARY_COLUMNS, [summaryRow(statistics, to)]);
    case 'concurrency':
      return tableOf(CONCURRENCY_COLUMNS, statistics.concurrency.rows(from, to));
    case 'users':
      return tableOf(USER_COLUMNS, userRows(statistics));
    case 'sessions':
      return tableOf(SESSION_COLUMNS, statistics.sessions.map(sessionRow));
    case 'rooms':
      return tableOf(ROOM_COLUMNS, statistics.rooms.rows(scope.room));
    case 'outcomes':
      return tableOf(OUTCOME_COLUMNS, statistics.outcomes.rows());
  }
}

/** Users by id; without those who were never a member of the room that is asked of. */
function userRows({ users, scope }: Statistics): Row[] {
  return [...users.values()]
    .filter(({ id }) => scope.user === null || id === scope.user)
    .filter((track) => scope.room === null || track.online + track.unavailable + track.offline > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((track) => [track.id, track.online, track.unavailable, track.offline, track.sessions, track.announcements]);
}

function summaryRow(statistics: Statistics, to: number): Row {
  const { from, sessions, outcomes, concurrency } = statistics;
  const users = userRows(statistics);
  const total = (column: number): number => users.reduce((sum, row) => sum + Number(row[column]), 0);
  const lengths = sessionLengths(sessions);
  let [most, mostAt]: [number, number | null] = [0, null];
  for (const [ts, online, unavailable] of concurrency.rows(from, to)) {
    const shown = Number(online) + Number(unavailable);
    if (shown > most) [most, mostAt] = [shown, Number(ts)];
  }
  return [
    from,
    to,
    users.length,
    total(1),
    total(2),
    lengths.ended,
    sessions.length - lengths.ended,
    lengths.median,
    lengths.p90,
    lengths.max,
    most,
    mostAt,
    outcomes.total('announced'),
    outcomes.total('silent'),
    outcomes.total('no change'),
  ];
}
