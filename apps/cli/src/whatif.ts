import { Command, Option } from 'commander';
import { durationInWords } from '#analysis/durations';
import { textTable } from '#analysis/output/text-table';
import { WhatIf } from '#analysis/what-if';
import type { DeadLetter } from '#domain/changes';
import { Fold } from '#domain/fold';
import { CommandError } from '#runtime/process';
import type { OutputOptions } from './output/output.ts';
import { addOutputOptions, requireOut, writeTable, writeText } from './output/output.ts';
import type { PolicyOptions } from './policy-options.ts';
import { addPolicyOptions, policyOverride } from './policy-options.ts';
import type { SourceOptions } from './sources/open-sources.ts';
import { addSourceOptions, FILES_ARGUMENT, withSources } from './sources/open-sources.ts';
import { recordsOf } from './sources/source.ts';

const TABLES = ['summary', 'kinds', 'users'] as const;

interface Options extends SourceOptions, PolicyOptions, OutputOptions {
  readonly table: (typeof TABLES)[number];
}

const HELP = `
Tables: summary; kinds, the announcements by what made them; users, those who are told of or shown otherwise. What is shown
otherwise is in per cent of the time in which either policy shows somebody online or unavailable.`;

export function whatIfCommand(): Command {
  const command = new Command('whatif')
    .description('What another policy would have announced and shown, beside the log’s own.')
    .argument(...FILES_ARGUMENT);
  addPolicyOptions(addSourceOptions(command)).addOption(
    new Option('--table <table>', 'what is written').choices(TABLES).default('summary'),
  );
  return addOutputOptions(command, 'table').addHelpText('after', HELP).action(whatIf);
}

async function whatIf(files: readonly string[], options: Options): Promise<void> {
  requireOut(options, files);
  if (options.idleAfter === undefined && options.activeFor === undefined && options.offlineAfter === undefined) {
    throw new CommandError('Say what is to be otherwise: --idle-after, --active-for or --offline-after.');
  }
  await withSources(files, options, { label: 'Comparing' }, async (sources) => {
    const compared = await WhatIf.of(
      sources.map((source) => ({
        own: new Fold(source.foldOptions),
        other: new Fold({
          ...source.foldOptions,
          policyOverride: policyOverride(source.foldOptions.policy, options),
        }),
        records: recordsOf(source),
        refused: (letters: readonly DeadLetter[]) => source.deadLetters.add(letters),
      })),
    );
    const tables = { summary: compared.summary(), kinds: compared.byKind(), users: compared.byUser() };
    const isForPeople = options.table === 'summary' && options.format === 'table' && options.sql === undefined;
    if (isForPeople) await writeText(inWords(compared), options);
    else await writeTable(tables[options.table], options);
  });
}

async function* inWords(compared: WhatIf): AsyncIterable<string> {
  for await (const [row = []] of compared.summary().rows) {
    const [own = 0, other = 0, added = 0, users = 0, affected = 0, otherwise = 0, , percent = 0] = row.map(Number);
    const count = (value: number): string => value.toLocaleString('en-US');
    yield (
      `Announcements: ${count(other)} instead of ${count(own)}, ${count(Math.abs(added))} ` +
      `${added > 0 ? 'more' : 'fewer'} (${((100 * Math.abs(added)) / Math.max(1, own)).toFixed(1)} %).\n` +
      `Users: of ${count(users)}, ${count(affected)} are told of or shown otherwise.\n` +
      `Shown otherwise: ${durationInWords(otherwise)} in all, ${percent.toFixed(2)} % of the time in which anybody is shown.\n\n`
    );
  }
  yield* textTable(compared.byKind());
}
