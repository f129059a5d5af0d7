import type { Announced } from './announcement-stream.ts';
import { causeInWords } from './cause-words.ts';
import type { Column, Row, Table } from './table.ts';

const COLUMNS: readonly Column[] = [
  { name: 'ts', type: 'time' },
  { name: 'presence', type: 'text' },
  { name: 'currently_active', type: 'boolean' },
  { name: 'last_active_ts', type: 'time' },
  { name: 'status_msg', type: 'text' },
  { name: 'why', type: 'text' },
  { name: 'cause_type', type: 'text' },
  { name: 'cause_partition', type: 'integer' },
  { name: 'cause_offset', type: 'integer' },
];

/** The announcements of one user, with their causes in words; of a stream that has others as well, theirs are left out. */
export function historyTable(userId: string, stream: AsyncIterable<readonly Announced[]>): Table {
  return { columns: COLUMNS, rows: rowsOf(userId, stream) };
}

async function* rowsOf(userId: string, stream: AsyncIterable<readonly Announced[]>): AsyncIterable<Row[]> {
  for await (const batch of stream) {
    const rows = batch.filter((announced) => announced.userId === userId).map(row);
    if (rows.length > 0) yield rows;
  }
}

function row({ announcement, partition }: Announced): Row {
  const { ts, presence, currentlyActive, lastActiveTs, statusMsg, cause } = announcement;
  const why = causeInWords(announcement);
  return [ts, presence, currentlyActive, lastActiveTs, statusMsg, why, cause.type, partition, cause.offset];
}
