import type { Column, Table, Value } from '../table.ts';
import { isoTime } from './text-table.ts';

/** CSV as in RFC 4180, with a header: times in ISO 8601, nothing for null, and `""` for an empty text. */
export async function* csv({ columns, rows }: Table): AsyncIterable<string> {
  yield `${columns.map(({ name }) => quoted(name)).join(',')}\r\n`;
  for await (const batch of rows) {
    yield batch
      .map((row) => `${columns.map(({ type }, index) => field(type, row[index] ?? null)).join(',')}\r\n`)
      .join('');
  }
}

function field(type: Column['type'], value: Value): string {
  if (value === null) return '';
  if (type === 'time') return isoTime(Number(value));
  return typeof value === 'string' ? quoted(value) : String(value);
}

const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
