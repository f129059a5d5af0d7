import { Command, Option } from 'commander';
import { announcementsOf } from '#analysis/announcement-stream';
import { explain } from '#domain/explain';
import type { Explanation } from '#domain/explanation.schemas';
import { Fold } from '#domain/fold';
import { partitionOf } from '#domain/partitioner';
import { explanationText } from './explanation-text.ts';
import { timeOption } from './options.ts';
import type { SourceOptions } from './sources/open-sources.ts';
import { addSourceOptions, FILES_ARGUMENT, withSources } from './sources/open-sources.ts';
import type { Source } from './sources/source.ts';
import { recordsOf } from './sources/source.ts';
import { watcherAfter } from './watcher.ts';

interface Options extends SourceOptions {
  readonly at?: number;
  readonly watcher?: string;
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
    .option('--watcher <id>', 'also say whether this user sees them, and why')
    .addOption(new Option('--format <format>', 'for people or for programs').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nTimes are milliseconds since the epoch, or ISO 8601 (UTC unless it says otherwise). A running server says the same of' +
        '\nnow, at GET /v1/users/{userId}/explain. Which rooms convey presence is not in the log: PRESENTLY_ROOM_MEMBERS_MAX and' +
        '\nPRESENTLY_ROOMS_EXCLUDED have to be set as they are for delivery.',
    )
    .action(explainUser);
}

async function explainUser(user: string, files: readonly string[], options: Options): Promise<void> {
  const { watcher, format } = options;
  // Who shares a room with whom can be in any partition.
  const wanted = { label: 'Folding', user: watcher === undefined ? user : undefined };
  await withSources(files, options, wanted, async (sources) => {
    const folded: Folded[] = [];
    for (const source of sources) folded.push(await fold(source, options.at ?? null));
    const folds = folded.map((one) => one.fold);
    const seen = watcher === undefined ? {} : { watcher: watcherAfter(folds, user, watcher) };
    for (const explanation of explanations(user, folded)) {
      const said = { ...explanation, ...seen };
      process.stdout.write(format === 'json' ? `${JSON.stringify(said)}\n` : explanationText(said));
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
  const own = folded.filter(({ partition }) => partition === partitionOf(user, folded.length));
  const told = known.length > 0 ? known : own.length > 0 ? own : folded.slice(0, 1);
  return told.map(({ fold: one, partition }) =>
    explain(user, one.user(user), {
      policy: one.policy,
      logTime: one.logTime,
      partition,
      nextOffset: one.position.offset,
    }),
  );
}
