import { Command, Option } from 'commander';
import { MINUTE_MS } from '#analysis/statistics/concurrency';
import type { StatisticsTable } from '#analysis/statistics/statistics-tables';
import { STATISTICS_TABLES, statisticsTable } from '#analysis/statistics/statistics-tables';
import { summaryText } from '#analysis/statistics/summary-text';
import { takeStatistics } from '#analysis/statistics/take-statistics';
import type { DeadLetter } from '#domain/changes';
import { Fold } from '#domain/fold';
import { CommandError } from '#runtime/process';
import { timeOption } from './options.ts';
import type { OutputOptions } from './output/output.ts';
import { addOutputOptions, requireOut, writeTable, writeText } from './output/output.ts';
import type { SourceOptions } from './sources/open-sources.ts';
import { addSourceOptions, FILES_ARGUMENT, withSources } from './sources/open-sources.ts';
import { recordsOf } from './sources/source.ts';

interface Options extends SourceOptions, OutputOptions {
  readonly from?: number;
  readonly to?: number;
  readonly user?: string;
  readonly room?: string;
  readonly table: StatisticsTable;
}

/** About four years. */
const MINUTES_MAX = 2_000_000;

const HELP = `
Tables: summary; concurrency, how many were shown at each full minute; users, how long each was shown as what; sessions, from
when somebody was shown to when they were offline again; rooms; outcomes, what became of events and deadlines, and why a
change was told to nobody. With --room, only the time counts in which somebody was a member.`;

export function statsCommand(): Command {
  const command = new Command('stats')
    .description('Who was there, how many, for how long; and what was announced.')
    .argument(...FILES_ARGUMENT);
  addSourceOptions(command)
    .option('--from <time>', 'only from this time on (default: the first event)', timeOption)
    .option('--to <time>', 'only up to this time (default: the last record)', timeOption)
    .option('--user <id>', 'only this user')
    .option('--room <id>', 'only members of this room')
    .addOption(new Option('--table <table>', 'what is written').choices(STATISTICS_TABLES).default('summary'));
  return addOutputOptions(command, 'table').addHelpText('after', HELP).action(stats);
}

async function stats(files: readonly string[], options: Options): Promise<void> {
  requireOut(options, files);
  const scope = { from: options.from ?? null, user: options.user ?? null, room: options.room ?? null };
  await withSources(files, options, { label: 'Counting', user: options.user }, async (sources) => {
    const partitions = sources.map((source) => ({
      fold: new Fold(source.foldOptions),
      records: recordsOf(source),
      refused: (letters: readonly DeadLetter[]) => source.deadLetters.add(letters),
    }));
    const { statistics, to } = await takeStatistics(partitions, scope, options.to ?? null);
    if (to - statistics.from > MINUTES_MAX * MINUTE_MS) {
      throw new CommandError(`That is more than ${MINUTES_MAX} minutes: say which with --from and --to.`);
    }
    const isForPeople = options.table === 'summary' && options.format === 'table' && options.sql === undefined;
    if (isForPeople) await writeText(summaryText(statistics, to), options);
    else await writeTable(statisticsTable(options.table, statistics, to), options);
  });
}
