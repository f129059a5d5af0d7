import type { Command } from 'commander';
import { partitionOf } from '#domain/partitioner';
import type { MessageLog } from '#message-log/message-log';
import { CommandError } from '#runtime/process';
import { requireFiles } from '../event-file.ts';
import { DATA_OPTION } from '../options.ts';
import { Progress } from '../progress.ts';
import { fileSource } from './file-source.ts';
import { logSource } from './log-source.ts';
import type { Source } from './source.ts';

export interface SourceOptions {
  readonly log?: boolean;
  readonly data?: string;
}

export function addSourceOptions(command: Command): Command {
  return command.option('--log', 'read the log instead of files').option(...DATA_OPTION);
}

export const FILES_ARGUMENT = [
  '[files...]',
  'event files: NDJSON, .gz, or - for standard input; each is one partition, in file order',
] as const;

/** What the sources are wanted for. */
interface Wanted {
  /** What is done, for the progress bar, as `Replaying`. */
  readonly label: string;
  /** Of the log, only the partition of this user. */
  readonly user?: string | undefined;
}

/**
 * Opens the event files that were named, or the log, and closes them when the work is done. Then says how many records could
 * not be folded. Throws a `CommandError` when neither or both are named, or one cannot be read.
 */
export async function withSources(
  files: readonly string[],
  options: SourceOptions,
  { label, user }: Wanted,
  work: (sources: readonly Source[]) => Promise<void>,
): Promise<void> {
  const fromLog = options.log === true;
  if (fromLog === files.length > 0) throw new CommandError('Name event files, or give --log, not both.');
  requireFiles(files);
  const progress = new Progress(label, fromLog ? 'records' : 'bytes');
  const log = fromLog ? await openLog(options.data) : null;
  try {
    const report = reporter(log?.partitionCount ?? files.length, progress);
    const indexes = Array.from({ length: log?.partitionCount ?? 0 }, (_, index) => index);
    const sources =
      log === null
        ? files.map((path, index) => fileSource(path, files.length > 1 ? index : null, report(index)))
        : indexes
            .filter((index) => user === undefined || index === partitionOf(user, indexes.length))
            .map((index) => logSource(log, index, report(index)));
    await work(sources);
    progress.stop();
    reportDeadLetters(sources);
  } finally {
    progress.stop();
    await log?.close();
  }
}

/** Loads what a log needs only for one: a question about a file is answered in the time that this takes. */
async function openLog(data: string | undefined): Promise<MessageLog> {
  const { logPlace, openForReading } = await import('../open-log.ts');
  return openForReading(logPlace(data));
}

/** Adds up how far the sources are. */
function reporter(count: number, progress: Progress) {
  const done = Array.from({ length: count }, () => 0);
  const totals: (number | null)[] = done.map(() => 0);
  return (index: number) =>
    (read: number, total: number | null): void => {
      done[index] = read;
      totals[index] = total;
      progress.update(sum(done), totals.includes(null) ? null : sum(totals as number[]));
    };
}

/** Says how many records could not be folded, and of the first where it is, and why. */
function reportDeadLetters(sources: readonly Source[]): void {
  const count = sum(sources.map(({ deadLetters }) => deadLetters.count));
  for (const { name, deadLetters } of sources) {
    if (deadLetters.first === undefined) continue;
    const { offset, reason } = deadLetters.first;
    process.stderr.write(
      `Records that cannot be folded: ${count}. The first is offset ${offset} of ${name}: ${reason}.\n`,
    );
    return;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
