import { Command } from 'commander';
import { announcementsOf, merged } from '#analysis/announcement-stream';
import type { Announced } from '#analysis/announcement-stream';
import { historyTable } from '#analysis/history';
import { withColumns } from '#analysis/table';
import { Fold } from '#domain/fold';
import { timeOption } from './options.ts';
import type { OutputOptions } from './output/output.ts';
import { addOutputOptions, requireOut, writeTable } from './output/output.ts';
import type { SourceOptions } from './sources/open-sources.ts';
import { addSourceOptions, FILES_ARGUMENT, withSources } from './sources/open-sources.ts';
import { recordsOf } from './sources/source.ts';

interface Options extends SourceOptions, OutputOptions {
  readonly from?: number;
  readonly to?: number;
}

/** What fits on a terminal. */
const SHOWN_COLUMNS = ['ts', 'presence', 'currently_active', 'status_msg', 'why'];

export function historyCommand(): Command {
  const command = new Command('history')
    .description('What one user was shown as, when, and why.')
    .argument('<user>', 'user id, as @alice:example')
    .argument(...FILES_ARGUMENT);
  addSourceOptions(command)
    .option('--from <time>', 'only from this time on', timeOption)
    .option('--to <time>', 'only up to this time', timeOption);
  return addOutputOptions(command, 'table').action(history);
}

async function history(user: string, files: readonly string[], options: Options): Promise<void> {
  requireOut(options, files);
  await withSources(files, options, { label: 'Replaying', user }, async (sources) => {
    const end = { at: options.to ?? null, until: null };
    const streams = sources.map((source) =>
      announcementsOf(new Fold(source.foldOptions), recordsOf(source), source.partition, end, (letters) =>
        source.deadLetters.add(letters),
      ),
    );
    const table = historyTable(user, since(options.from ?? -Infinity, merged(streams)));
    const isForPeople = options.format === 'table' && options.sql === undefined;
    await writeTable(isForPeople ? withColumns(table, SHOWN_COLUMNS) : table, options);
  });
}

async function* since(from: number, stream: AsyncIterable<readonly Announced[]>): AsyncIterable<Announced[]> {
  for await (const batch of stream) yield batch.filter(({ announcement: { ts } }) => ts >= from);
}
