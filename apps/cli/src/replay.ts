import { Command } from 'commander';
import type { Announced, ReplayEnd } from '#analysis/announcement-stream';
import { announcementsOf, merged } from '#analysis/announcement-stream';
import { ANNOUNCEMENT_COLUMNS, announcementRow, STATE_COLUMNS } from '#analysis/announcement-table';
import type { Row, Table } from '#analysis/table';
import { tableOf } from '#analysis/table';
import type { Fold } from '#domain/fold';
import { publicState } from '#domain/presence';
import { causeJson } from '#domain/state-records';
import { CommandError } from '#runtime/process';
import { timeOption } from './options.ts';
import type { OutputOptions } from './output/output.ts';
import { addOutputOptions, requireOut, writeTable, writeText } from './output/output.ts';
import type { PolicyOptions } from './policy-options.ts';
import { addPolicyOptions, policyOverride } from './policy-options.ts';
import { startFold } from './snapshots/start-fold.ts';
import type { SourceOptions } from './sources/open-sources.ts';
import { addSourceOptions, FILES_ARGUMENT, withSources } from './sources/open-sources.ts';
import type { Source } from './sources/source.ts';
import { recordsOf } from './sources/source.ts';

interface Options extends SourceOptions, PolicyOptions, OutputOptions {
  readonly from?: number;
  readonly to?: number;
  readonly user?: string;
  readonly at?: number;
  readonly until?: number;
  readonly snapshots?: string;
}

/** A source with the fold that takes its records. */
interface Replayed {
  readonly fold: Fold;
  readonly stream: AsyncIterable<Announced[]>;
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Fold events from files or the log, and print the announcements, one JSON object a line.')
    .argument(...FILES_ARGUMENT);
  addSourceOptions(command)
    .option('--from <time>', 'only announcements at this time or later', timeOption)
    .option('--to <time>', 'only announcements at this time or before', timeOption)
    .option('--user <id>', 'only this user')
    .option('--at <time>', 'print each user’s state at this instant instead', timeOption)
    .option('--until <time>', 'move time on past the last record', timeOption)
    .option('--snapshots <directory>', 'with --at or --from: begin at the last snapshot there before that time');
  addPolicyOptions(command);
  return addOutputOptions(command, 'ndjson')
    .addHelpText('after', '\nTimes are milliseconds since the epoch, or ISO 8601 (UTC unless it says otherwise).')
    .action(replay);
}

async function replay(files: readonly string[], options: Options): Promise<void> {
  requireOut(options, files);
  requireSnapshotsFit(options);
  await withSources(files, options, { label: 'Replaying' }, async (sources) => {
    const replayed = sources.map((source) => begin(source, options));
    const stream = merged(replayed.map((one) => one.stream));
    if (options.at !== undefined) {
      for await (const _ of stream); // only the states at the end are asked for
      const folds = replayed.map(({ fold }) => fold);
      await writeTable(tableOf(STATE_COLUMNS, stateRows(folds, options.at, options.user)), options);
      return;
    }
    const wanted = filtered(stream, options);
    // Lines of their own shape.
    if (options.format === 'ndjson' && options.sql === undefined) await writeText(lines(wanted), options);
    else await writeTable(announcementTable(wanted), options);
  });
}

/** A snapshot is of one time, and of the log's own policy. */
function requireSnapshotsFit({ snapshots, at, from, idleAfter, activeFor, offlineAfter }: Options): void {
  if (snapshots === undefined) return;
  if (at === undefined && from === undefined) throw new CommandError('--snapshots needs --at or --from.');
  if ((idleAfter ?? activeFor ?? offlineAfter) === undefined) return;
  throw new CommandError('The snapshots are of the log’s own policy: leave out --snapshots to ask what if.');
}

function begin(source: Source, options: Options): Replayed {
  const { policy } = source.foldOptions;
  const foldOptions = { ...source.foldOptions, policyOverride: policyOverride(policy, options) };
  // What happens at the first of these instants is asked for; at the other one only how it ends.
  const before = options.at === undefined ? (options.from ?? 0) : options.at + 1;
  const { fold, from } = startFold(source, foldOptions, options.snapshots, before);
  const end: ReplayEnd = { at: options.at ?? null, until: options.until ?? null };
  const stream = announcementsOf(fold, recordsOf(source, from), source.partition, end, (letters) =>
    source.deadLetters.add(letters),
  );
  return { fold, stream };
}

async function* filtered(
  stream: AsyncIterable<readonly Announced[]>,
  { from = -Infinity, to = Infinity, user }: Options,
): AsyncIterable<Announced[]> {
  for await (const batch of stream) {
    yield batch.filter(
      ({ userId, announcement: { ts } }) => ts >= from && ts <= to && (user === undefined || userId === user),
    );
  }
}

function announcementTable(stream: AsyncIterable<readonly Announced[]>): Table {
  const rows = async function* (): AsyncIterable<Row[]> {
    for await (const batch of stream) yield batch.map(announcementRow);
  };
  return { columns: ANNOUNCEMENT_COLUMNS, rows: rows() };
}

async function* lines(stream: AsyncIterable<readonly Announced[]>): AsyncIterable<string> {
  for await (const batch of stream) yield batch.map(announcementLine).join('');
}

/** The line of an announcement. Put together by hand, because `JSON.stringify` of it takes as long as folding does. */
function announcementLine({ userId, announcement, partition }: Announced): string {
  const { ts, presence, currentlyActive, lastActiveTs, statusMsg, cause } = announcement;
  return (
    `{"ts":${ts},"user_id":${JSON.stringify(userId)},"presence":"${presence}","currently_active":${currentlyActive},` +
    `"last_active_ts":${lastActiveTs},"status_msg":${JSON.stringify(statusMsg)},` +
    `"cause":${JSON.stringify(causeJson(cause, partition ?? undefined))}}\n`
  );
}

/** Each user’s state at an instant, sorted by user id. */
function stateRows(folds: readonly Fold[], at: number, only: string | undefined): Row[] {
  return folds
    .flatMap((fold) => [...fold.users()].map((user) => ({ id: user.id, state: publicState(user, at, fold.policy) })))
    .filter(({ id }) => only === undefined || id === only)
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map(({ id, state }) => [at, id, state.presence, state.currentlyActive, state.lastActiveTs, state.statusMsg]);
}
