import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { csv } from '#analysis/output/csv';
import { ndjson } from '#analysis/output/ndjson';
import { textTable } from '#analysis/output/text-table';
import type { Table } from '#analysis/table';
import { CommandError } from '#runtime/process';
import { TextSink } from './text-sink.ts';

export type Format = 'table' | 'ndjson' | 'csv' | 'parquet';

export interface OutputOptions {
  readonly format: Format;
  readonly out?: string;
  readonly sql?: string;
}

const WRITERS = { table: textTable, ndjson, csv };
const FORMATS: readonly Format[] = ['table', 'ndjson', 'csv', 'parquet'];

export function addOutputOptions(command: Command, format: Format): Command {
  return command
    .addOption(new Option('--format <format>', 'how it is written').choices(FORMATS).default(format))
    .option('--out <file>', 'write to this file, in place of what is there; Parquet needs it')
    .option('--sql <query>', 'ask DuckDB of the answer, which is its table `result`, and write what it says');
}

/** Writes a table as the options say. DuckDB is loaded only for Parquet and SQL. */
export async function writeTable(table: Table, options: OutputOptions): Promise<void> {
  const { format, sql } = options;
  if (format !== 'parquet' && sql === undefined) return writeText(WRITERS[format](table), options);
  const { ALL_ROWS, DuckDbResult } = await import('#analysis/output/duckdb');
  const result = await DuckDbResult.of(table);
  try {
    const query = sql ?? ALL_ROWS;
    if (format === 'parquet') await result.writeParquet(query, options.out ?? '').catch(refused);
    else await writeText(WRITERS[format](await result.query(query).catch(refused)), options);
  } finally {
    result.close();
  }
}

/** Writes pieces of text as they come. */
export async function writeText(texts: AsyncIterable<string>, { out }: { readonly out?: string }): Promise<void> {
  const sink = new TextSink(out);
  for await (const text of texts) {
    const written = sink.write(text);
    if (written !== undefined) await written;
  }
  await sink.end();
}

/** Before anything is read, throws a `CommandError` when there is no place for the answer to these files. */
export function requireOut({ format, out }: OutputOptions, files: readonly string[]): void {
  if (out === undefined) {
    if (format === 'parquet') throw new CommandError('Parquet is no text: name a file with --out.');
  } else if (files.some((path) => resolve(path) === resolve(out))) {
    throw new CommandError(`${out} is read: name another file with --out.`);
  }
}

function refused(error: unknown): never {
  throw new CommandError(`DuckDB says: ${(error as Error).message}`);
}
