import { once } from 'node:events';
import { Command } from 'commander';
import type { DeadLetter } from '#domain/changes';

import type { FoldOptions, FoldRecord } from '#domain/fold';
import { Fold } from '#domain/fold';
import type { Policy } from '#domain/policy';
import { ARCHIVE_POLICY, changePolicy, LIVE_POLICY } from '#domain/policy';
import { publicState } from '#domain/presence';
import { causeJson, publicJson } from '#domain/state-records';
import { decodeValue } from '#message-log/decode-value';
import type { MessageLog } from '#message-log/message-log';
import { CommandError } from '#runtime/process';
import type { Announced, ReplayEnd } from './announcement-stream.ts';
import { announcementsOf, merged } from './announcement-stream.ts';
import { nameOf, readEventFile, requireFiles } from './event-file.ts';
import { DATA_OPTION, logPlace, openForReading } from './open-log.ts';
import { msOption, timeOption } from './options.ts';
import { Progress } from './progress.ts';

interface Options {
  readonly log?: boolean;
  readonly data?: string;
  readonly from?: number;
  readonly to?: number;
  readonly user?: string;
  readonly at?: number;
  readonly until?: number;
  readonly idleAfter?: number;
  readonly activeFor?: number;
  readonly offlineAfter?: number;
}

/** A partition to be folded. */
interface Source {
  /** What it is called to people. */
  readonly name: string;
  readonly fold: Fold;
  readonly records: AsyncIterable<readonly FoldRecord[]>;
  readonly partition: number | null;
  readonly deadLetters: DeadLetterCount;
}

/** The records that cannot be folded. */
class DeadLetterCount {
  count = 0;
  first: DeadLetter | undefined;

  add(letters: readonly DeadLetter[]): void {
    this.count += letters.length;
    this.first ??= letters[0];
  }
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('Fold events from files or the log, and print the announcements, one JSON object a line.')
    .argument('[files...]', 'event files: NDJSON, .gz, or - for standard input; each is one partition, in file order')
    .option('--log', 'read the log instead of files')
    .option(...DATA_OPTION)
    .option('--from <time>', 'only announcements at this time or later', timeOption)
    .option('--to <time>', 'only announcements at this time or before', timeOption)
    .option('--user <id>', 'only this user')
    .option('--at <time>', 'print each user’s state at this instant instead', timeOption)
    .option('--until <time>', 'move time on past the last record', timeOption)
    .option('--idle-after <ms>', 'what if: a device is idle after this long', msOption)
    .option('--active-for <ms>', 'what if: a user is currently active for this long', msOption)
    .option('--offline-after <ms>', 'what if: a device stays this long after it was last connected', msOption)
    .addHelpText('after', '\nTimes are milliseconds since the epoch, or ISO 8601 (UTC unless it says otherwise).')
    .action((files: string[], options: Options) => replay(files, options));
}

async function replay(files: readonly string[], options: Options): Promise<void> {
  const fromLog = options.log === true;
  if (fromLog === files.length > 0) throw new CommandError('Name event files, or give --log, not both.');
  requireFiles(files);
  const progress = new Progress('Replaying', fromLog ? 'records' : 'bytes');
  const log = fromLog ? await openForReading(logPlace(options.data)) : null;
  try {
    const sources = log === null ? fileSources(files, options, progress) : logSources(log, options, progress);
    const end: ReplayEnd = { at: options.at ?? null, until: options.until ?? null };
    const streams = sources.map(({ fold, records, partition, deadLetters }) =>
      announcementsOf(fold, records, partition, end, (letters) => deadLetters.add(letters)),
    );
    const isWanted = filter(options);
    const print = new LinePrinter();
    for await (const batch of merged(streams)) {
      if (options.at !== undefined) continue; // only the states at the end are asked for
      for (const announced of batch) {
        const printed = isWanted(announced) ? print.line(announcementLine(announced)) : undefined;
        if (printed !== undefined) await printed;
      }
    }
    if (options.at !== undefined) {
      for (const line of stateLines(sources, options.at, options.user)) await print.line(line);
    }
    await print.flush();
    progress.stop();
    reportDeadLetters(sources);
  } finally {
    progress.stop();
    await log?.close();
  }
}

function filter({ from = -Infinity, to = Infinity, user }: Options): (announced: Announced) => boolean {
  return ({ userId, announcement: { ts } }) => ts >= from && ts <= to && (user === undefined || userId === user);
}

function fileSources(files: readonly string[], options: Options, progress: Progress): Source[] {
  const read = files.map(() => 0);
  const totals: (number | null)[] = files.map(() => null);
  return files.map((path, index) => {
    const lines = readEventFile(path, (bytes, total) => {
      read[index] = bytes;
      totals[index] = total;
      progress.update(sum(read), totals.includes(null) ? null : sum(totals as number[]));
    });
    const fold = new Fold(foldOptions(ARCHIVE_POLICY, options));
    const partition = files.length > 1 ? index : null;
    return { name: nameOf(path), fold, records: fileRecords(lines), partition, deadLetters: new DeadLetterCount() };
  });
}

async function* fileRecords(lines: ReturnType<typeof readEventFile>): AsyncIterable<FoldRecord[]> {
  let offset = 0;
  for await (const batch of lines)
    yield batch.map(({ decoded, timestamp }) => ({ offset: offset++, timestamp, decoded }));
}

function logSources(log: MessageLog, options: Options, progress: Progress): Source[] {
  const policy = log.kind === 'archive' ? ARCHIVE_POLICY : LIVE_POLICY;
  const done: number[] = [];
  const totals: number[] = [];
  return Array.from({ length: log.partitionCount }, (_, index) => {
    const partition = { index, count: log.partitionCount };
    const fold = new Fold({ ...foldOptions(policy, options), partition });
    const report = (read: number, total: number): void => {
      done[index] = read;
      totals[index] = total;
      progress.update(sum(done), sum(totals));
    };
    const records = logRecords(log, index, report);
    return { name: `partition ${index}`, fold, records, partition: index, deadLetters: new DeadLetterCount() };
  });
}

async function* logRecords(
  log: MessageLog,
  partition: number,
  report: (read: number, total: number) => void,
): AsyncIterable<FoldRecord[]> {
  const { first } = await log.range('events', partition);
  if (first > 0) {
    throw new CommandError(
      `Partition ${partition} of the events begins at offset ${first}: what came before was deleted.`,
    );
  }
  for await (const { records, end } of log.read('events', partition, 0)) {
    yield records.map(({ offset, timestamp, key, value }) => ({
      offset,
      timestamp,
      key,
      decoded: decodeValue(value),
    }));
    report((records.at(-1)?.offset ?? 0) + 1, end);
  }
}

function foldOptions(policy: Policy, options: Options): FoldOptions {
  const policyOverride = {
    ...(options.idleAfter === undefined ? {} : { idleAfterMs: options.idleAfter }),
    ...(options.activeFor === undefined ? {} : { activeForMs: options.activeFor }),
    ...(options.offlineAfter === undefined ? {} : { offlineAfterMs: options.offlineAfter }),
  };
  const changed = changePolicy(policy, policyOverride);
  if (typeof changed === 'string') throw new CommandError(`${changed}: give --active-for as well as --idle-after.`);
  if (changed.offlineAfterMs === 0) throw new CommandError('--offline-after must be more than 0.');
  return { policy, policyOverride };
}

/** The line of an announcement. Put together by hand, because `JSON.stringify` of it takes as long as folding does. */
function announcementLine({ userId, announcement, partition }: Announced): string {
  const { ts, presence, currentlyActive, lastActiveTs, statusMsg, cause } = announcement;
  return (
    `{"ts":${ts},"user_id":${JSON.stringify(userId)},"presence":"${presence}","currently_active":${currentlyActive},` +
    `"last_active_ts":${lastActiveTs},"status_msg":${JSON.stringify(statusMsg)},` +
    `"cause":${JSON.stringify(causeJson(cause, partition ?? undefined))}}`
  );
}

/** Each user's state at an instant, sorted by user id. */
function* stateLines(sources: readonly Source[], at: number, only: string | undefined): Iterable<string> {
  const lines = sources.flatMap(({ fold }) =>
    [...fold.users()].map((user) => ({ ts: at, user_id: user.id, ...publicJson(publicState(user, at, fold.policy)) })),
  );
  lines.sort((a, b) => (a.user_id < b.user_id ? -1 : a.user_id > b.user_id ? 1 : 0));
  for (const line of lines) if (only === undefined || line.user_id === only) yield JSON.stringify(line);
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

const PRINT_LENGTH = 1 << 16;

/** Prints JSON lines in large pieces, no faster than they are taken. A reader that has had enough (`| head`) ends the process. */
class LinePrinter {
  private text = '';

  constructor() {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }

  /** Takes a line; waits only when there is enough to print. */
  line(text: string): Promise<void> | undefined {
    this.text += `${text}\n`;
    return this.text.length >= PRINT_LENGTH ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    const { text } = this;
    this.text = '';
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
