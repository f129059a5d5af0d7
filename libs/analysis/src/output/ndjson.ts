import type { Table } from '../table.ts';

/** A JSON object a line; times are milliseconds since the epoch. */
export async function* ndjson({ columns, rows }: Table): AsyncIterable<string> {
  const names = columns.map(({ name }) => name);
  for await (const batch of rows) {
    yield batch
      .map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])))}\n`)
      .join('');
  }
}
