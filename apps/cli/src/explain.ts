import { Command, Option } from 'commander';
import { explain } from '#domain/explain';
import type { Explanation } from '#domain/explanation.schemas';
import { partitionOf } from '#domain/partitioner';
import { CommandError } from '#runtime/process';
import { announcementsOf } from './announcement-stream.ts';
import { requireFiles } from './event-file.ts';
import { explanationText } from './explanation-text.ts';
import type { FoldSource } from './fold-sources.ts';
import { fileSources, logSources, reportDeadLetters } from './fold-sources.ts';
import { DATA_OPTION, logPlace, openForReading } from './open-log.ts';
import { timeOption } from './options.ts';
import { Progress } from './progress.ts';

interface Options {
  readonly log?: boolean;
  readonly data?: string;
  readonly at?: number;
  readonly format: 'text' | 'json';
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('Say why a user is shown as they are, at the end of event files or the log, or at any instant.')
    .argument('<user>', 'the user’s id')
    .argument('[files...]', 'event files: NDJSON, .gz, or - for standard input; each is one partition, in file order')
    .option('--log', 'read the log instead of files')
    .option(...DATA_OPTION)
    .option('--at <time>', 'at this instant, not at the end', timeOption)
    .addOption(new Option('--format <format>', 'for people or for programs').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nTimes are milliseconds since the epoch, or ISO 8601 (UTC unless it says otherwise). A running server says the same' +
        '\nat GET /v1/users/{userId}/explain, and there also who may see the user.',
    )
    .action(explainUser);
}

async function explainUser(userId: string, files: readonly string[], options: Options): Promise<void> {
  const fromLog = options.log === true;
  if (fromLog === files.length > 0) throw new CommandError('Name event files, or give --log, not both.');
  requireFiles(files);
  const progress = new Progress('Folding', fromLog ? 'records' : 'bytes');
  const log = fromLog ? await openForReading(logPlace(options.data)) : null;
  try {
    const sources =
      log === null
        ? fileSources(files, {}, progress)
        : logSources(log, {}, progress).filter(
            ({ partition }) => partition === partitionOf(userId, log.partitionCount),
          );
    for (const source of sources) await fold(source, options.at ?? null);
    progress.stop();
    for (const explanation of explanations(userId, sources)) {
      const isJson = options.format === 'json';
      process.stdout.write(isJson ? `${JSON.stringify(explanation)}\n` : explanationText(explanation));
    }
    reportDeadLetters(sources);
  } finally {
    progress.stop();
    await log?.close();
  }
}

async function fold({ fold: folded, records, partition, deadLetters }: FoldSource, at: number | null): Promise<void> {
  const announcements = announcementsOf(folded, records, partition, { at, until: null }, (letters) =>
    deadLetters.add(letters),
  )[Symbol.asyncIterator]();
  while ((await announcements.next()).done !== true);
}

/** Of each file in which the user is: files are partitions of their own. When they are in none, that is said once. */
function explanations(userId: string, sources: readonly FoldSource[]): Explanation[] {
  const known = sources.filter((source) => source.fold.user(userId) !== undefined);
  return (known.length > 0 ? known : sources.slice(0, 1)).map(({ fold: folded, partition }) =>
    explain(userId, folded.user(userId), {
      policy: folded.policy,
      logTime: folded.logTime,
      partition,
      nextOffset: folded.position.offset,
    }),
  );
}
