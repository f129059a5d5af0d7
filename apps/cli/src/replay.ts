import { once } from 'node:events';
import { Command } from 'commander';
import { publicState } from '#domain/presence';
import { causeJson, publicJson } from '#domain/state-records';
import { CommandError } from '#runtime/process';
import type { Announced, ReplayEnd } from './announcement-stream.ts';
import { announcementsOf, merged } from './announcement-stream.ts';
import { requireFiles } from './event-file.ts';
import type { FoldSource, WhatIf } from './fold-sources.ts';
import { fileSources, logSources, reportDeadLetters } from './fold-sources.ts';
import { DATA_OPTION, logPlace, openForReading } from './open-log.ts';
import { msOption, timeOption } from './options.ts';
import { Progress } from './progress.ts';

interface Options extends WhatIf {
  readonly log?: boolean;
  readonly data?: string;
  readonly from?: number;
  readonly to?: number;
  readonly user?: string;
  readonly at?: number;
  readonly until?: number;
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
function* stateLines(sources: readonly FoldSource[], at: number, only: string | undefined): Iterable<string> {
  const lines = sources.flatMap(({ fold }) =>
    [...fold.users()].map((user) => ({ ts: at, user_id: user.id, ...publicJson(publicState(user, at, fold.policy)) })),
  );
  lines.sort((a, b) => (a.user_id < b.user_id ? -1 : a.user_id > b.user_id ? 1 : 0));
  for (const line of lines) if (only === undefined || line.user_id === only) yield JSON.stringify(line);
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
