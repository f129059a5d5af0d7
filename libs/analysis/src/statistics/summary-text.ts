import { durationInWords } from '../durations.ts';
import { isoTime, textTable } from '../output/text-table.ts';
import type { Value } from '../table.ts';
import type { Statistics } from './statistics.ts';
import { statisticsTable } from './statistics-tables.ts';

/** The summary in sentences, and what became of events and deadlines. Yields whole lines. */
export async function* summaryText(statistics: Statistics, to: number): AsyncIterable<string> {
  yield (await sentences(statistics, to)).join('\n');
  yield '\n\n';
  yield* textTable(statisticsTable('outcomes', statistics, to));
}

async function sentences(statistics: Statistics, to: number): Promise<string[]> {
  const { columns, rows } = statisticsTable('summary', statistics, to);
  const values = new Map<string, Value>();
  for await (const [row = []] of rows) columns.forEach(({ name }, index) => values.set(name, row[index] ?? null));
  const number = (name: string): string => Number(values.get(name)).toLocaleString('en-US');
  const time = (name: string): string => isoTime(Number(values.get(name)));
  const duration = (name: string): string => durationInWords(Number(values.get(name)));
  const length = Number(values.get('to_ts')) - Number(values.get('from_ts'));
  const most = Number(values.get('shown_max'));
  return [
    `From ${time('from_ts')} to ${time('to_ts')} (${durationInWords(length)})`,
    `Users: ${number('users')}. Together online for ${duration('online_ms')}, unavailable for ${duration('unavailable_ms')}.`,
    most === 0
      ? 'Nobody was shown at a full minute.'
      : `At once: at most ${number('shown_max')}, at ${time('shown_max_ts')}.`,
    `Sessions: ${number('sessions_ended')} ended, ${number('sessions_open')} open.` +
      (values.get('session_max_ms') === null
        ? ''
        : ` Length: median ${duration('session_median_ms')}, 90 % up to ${duration('session_p90_ms')}, ` +
          `longest ${duration('session_max_ms')}.`),
    `Changes: ${number('announcements')} announced, ${number('silent')} silent; ` +
      `${number('no_change')} events changed nothing.`,
  ];
}
