import { Command, Option } from 'commander';
import { announcementsOf } from '#analysis/announcement-stream';
import { explain } from '#domain/explain';
import type { Explanation } from '#domain/explanation.schemas';
import { Fold } from '#domain/fold';
import { explanationText } from './explanation-text.ts';
import { timeOption } from './options.ts';
import type { SourceOptions } from './sources/open-sources.ts';
import { addSourceOptions, FILES_ARGUMENT, withSources } from './sources/open-sources.ts';
import type { Source } from './sources/source.ts';
import { recordsOf } from './sources/source.ts';

interface Options extends SourceOptions {
  readonly at?: number;
  readonly format: 'text' | 'json';
}

/** A fold that has taken what its source has. */
interface Folded {
  readonly fold: Fold;
  readonly partition: number | null;
}

export function explainCommand(): Command {
  const command = new Command('explain')
    .description('Say why a user is shown as they are, at the end of event files or the log, or at any instant.')
    .argument('<user>', 'user id, as @alice:example')
    .argument(...FILES_ARGUMENT);
  return addSourceOptions(command)
    .option('--at <time>', 'at this instant, not at the end', timeOption)
    .addOption(new Option('--format <format>', 'for people or for programs').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nTimes are milliseconds since the epoch, or ISO 8601 (UTC unless it says otherwise). A running server says the same' +
        '\nat GET /v1/users/{userId}/explain, and there also who may see the user.',
    )
    .action(explainUser);
}

async function explainUser(user: string, files: readonly string[], options: Options): Promise<void> {
  await withSources(files, options, { label: 'Folding', user }, async (sources) => {
    const folded: Folded[] = [];
    for (const source of sources) folded.push(await fold(source, options.at ?? null));
    for (const explanation of explanations(user, folded)) {
      const isJson = options.format === 'json';
      process.stdout.write(isJson ? `${JSON.stringify(explanation)}\n` : explanationText(explanation));
    }
  });
}

async function fold(source: Source, at: number | null): Promise<Folded> {
  const { foldOptions, partition, deadLetters } = source;
  const folded = new Fold(foldOptions);
  const take = announcementsOf(folded, recordsOf(source), partition, { at, until: null }, (letters) =>
    deadLetters.add(letters),
  );
  for await (const _ of take); // only the state at the end is asked for
  return { fold: folded, partition };
}

/** Of each file in which the user is: files are partitions of their own. When they are in none, that is said once. */
function explanations(user: string, folded: readonly Folded[]): Explanation[] {
  const known = folded.filter((one) => one.fold.user(user) !== undefined);
  return (known.length > 0 ? known : folded.slice(0, 1)).map(({ fold: one, partition }) =>
    explain(user, one.user(user), {
      policy: one.policy,
      logTime: one.logTime,
      partition,
      nextOffset: one.position.offset,
    }),
  );
}
