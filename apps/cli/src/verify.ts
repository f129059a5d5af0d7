import { Command } from 'commander';
import type { MessageLog } from '#message-log/message-log';
import type { Difference } from '#projector/verify/difference';
import type { PartitionResult } from '#projector/verify/partition-check';
import { checkPartition } from '#projector/verify/partition-check';
import { systemClock } from '#runtime/clock/system-clock';
import { CommandError } from '#runtime/process';
import { logPlace, openForReading } from './open-log.ts';
import { DATA_OPTION, urlOption } from './options.ts';
import { Progress } from './progress.ts';
import { DeliveredStates } from './verify/delivered-states.ts';

interface Options {
  readonly data?: string;
  readonly url?: URL;
  readonly token?: string;
}

const HELP = `
It folds the events of each partition afresh, from the first one to the last checkpoint, and compares every record of the
state: users and their last announcement, memberships, presence lists, visibility, sources, the policy and log time; and the
dead letters. The server may be running, and go on. The last line says what was compared, or where it first differs:

  agree: 4 partitions, 1,234,567 events to offsets 308641, …, 5,000 users, 70,000 ties, 3 dead letters (12.3 s)
  differ: partition 2, user @x:y, at events offset 4711: state says {"presence":"online"}, fold says {"presence":"offline"}

With --url, a delivery node has to show everybody as the fold has them, too; it is asked again while it is behind.
Exit code 0: they agree. 1: they differ, or could not be compared; then standard error says why, such as events that
were deleted. It takes about as much memory as a projector with one partition, and the partition's state once more.`;

export function verifyCommand(): Command {
  return new Command('verify')
    .description('Check that the log, the state and a fresh fold agree, and say where they first differ if not.')
    .option(...DATA_OPTION)
    .option('--url <url>', 'also compare what a delivery node there shows, as http://127.0.0.1:8080', urlOption)
    .option(
      '--token <token>',
      'upstream token for --url (default: the first of PRESENTLY_UPSTREAM_TOKENS, or dev-upstream)',
    )
    .addHelpText('after', HELP)
    .action(verify);
}

async function verify(options: Options): Promise<void> {
  if (options.token !== undefined && options.url === undefined) {
    throw new CommandError('--token is for the delivery node that --url names: give both.');
  }
  const startedAt = systemClock.elapsed();
  const log = await openForReading(logPlace(options.data));
  const progress = new Progress('Verifying', 'events');
  try {
    const delivered =
      options.url === undefined ? null : new DeliveredStates(options.url, tokenOf(options), systemClock);
    const ends = await Promise.all(partitionsOf(log).map((partition) => log.range('events', partition)));
    const total = ends.reduce((sum, { next }) => sum + next, 0);
    const results = await check(log, delivered, progress, total);
    progress.stop();
    const last = results.at(-1);
    const seconds = ((systemClock.elapsed() - startedAt) / 1_000).toFixed(1);
    if (last?.difference == null) process.stdout.write(`${agreement(results, total, options.url)} (${seconds} s)\n`);
    else {
      process.stdout.write(`${disagreement(last.partition, last.difference)}\n`);
      process.exitCode = 1;
    }
  } finally {
    progress.stop();
    await log.close();
  }
}

const tokenOf = ({ token }: Options): string =>
  token ?? process.env.PRESENTLY_UPSTREAM_TOKENS?.split(',')[0] ?? 'dev-upstream';

/** What is left of a partition when its fold has gone. */
type Result = Omit<PartitionResult, 'fold'>;

const partitionsOf = (log: MessageLog): number[] => Array.from({ length: log.partitionCount }, (_, index) => index);

/** Checks one partition after another, because each takes its memory; ends with the first that differs. */
async function check(
  log: MessageLog,
  delivered: DeliveredStates | null,
  progress: Progress,
  total: number,
): Promise<Result[]> {
  let done = 0;
  const results: Result[] = [];
  for (const partition of partitionsOf(log)) {
    const { fold, ...result } = await checkPartition(log, partition, (offsets) => {
      done += offsets;
      progress.update(Math.min(done, total), total);
    });
    const difference = result.difference ?? (await delivered?.compare(fold)) ?? null;
    results.push({ ...result, difference });
    if (difference !== null) break;
  }
  return results;
}

/** `total`: the offsets that there were when it began. */
function agreement(results: readonly Result[], total: number, url: URL | undefined): string {
  const count = (one: (result: Result) => number, singular: string): string => {
    const sum = results.reduce((total, result) => total + one(result), 0);
    return `${sum.toLocaleString('en-US')} ${singular}${sum === 1 ? '' : 's'}`;
  };
  const unfolded = results.reduce((left, { offset }) => left - offset, total);
  const offsets = results.map(({ offset }) => offset).join(', ');
  return [
    `agree: ${count(() => 1, 'partition')}`,
    `${count(({ events }) => events, 'event')} to offset${results.length === 1 ? '' : 's'} ${offsets}`,
    count(({ users }) => users, 'user'),
    count(({ ties }) => ties, 'tie'),
    count(({ deadLetters }) => deadLetters, 'dead letter'),
    ...(unfolded > 0 ? [`up to ${unfolded.toLocaleString('en-US')} later events not folded yet`] : []),
    ...(url === undefined ? [] : [`and delivery at ${url.origin}`]),
  ].join(', ');
}

const disagreement = (partition: number, { subject, offset, text }: Difference): string =>
  `differ: partition ${partition}, ${subject}, at events offset ${offset}: ${text}`;
