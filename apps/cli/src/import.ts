import { Command } from 'commander';
import { isUserEvent } from '#domain/events';
import type { Policy } from '#domain/policy';
import { ARCHIVE_POLICY, changePolicy } from '#domain/policy';
import { writeGenesis } from '#message-log/genesis';
import type { MessageLog, NewRecord } from '#message-log/message-log';
import { ConfigError } from '#runtime/config';
import { configuredPolicy } from '#runtime/policy-config';
import { CommandError } from '#runtime/process';
import type { EventLine } from './event-file.ts';
import { nameOf, readEventFile, requireFiles } from './event-file.ts';
import type { LogPlace } from './open-log.ts';
import { logPlace, openArchive } from './open-log.ts';
import { DATA_OPTION } from './options.ts';
import { Progress } from './progress.ts';

export function importCommand(): Command {
  return new Command('import')
    .description('Put event files into an empty log as an archive, keeping their times.')
    .argument('<files...>', 'event files in order of time: NDJSON, .gz, or - for standard input')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      '\nNo file may begin before the end of the one before it. When an import fails, nothing of it is left.' +
        '\nThe archive can then be folded by `presently standalone` (or `projector`, on Kafka) and asked by `presently replay --log`.',
    )
    .action(importFiles);
}

async function importFiles(files: readonly string[], options: { data?: string }): Promise<void> {
  const place = logPlace(options.data);
  const policy = changePolicy(ARCHIVE_POLICY, configuredPolicy(place.config));
  if (typeof policy === 'string') throw new ConfigError(policy);
  requireFiles(files);
  const log = await openArchive(place);
  const progress = new Progress('Importing', 'bytes');
  try {
    await requireEmpty(log, place);
    const count = await writeArchive(log, policy, files, progress).catch(async (error: unknown) => {
      await log.discard(); // half an archive would look like a whole one
      throw error;
    });
    progress.stop();
    process.stdout.write(`Imported ${count} events into ${place.name}, in ${log.partitionCount} partitions.\n`);
  } finally {
    progress.stop();
    await log.close();
  }
}

/** Writes the policy, the files' events and a last tick. Returns how many events there were. */
async function writeArchive(
  log: MessageLog,
  policy: Policy,
  files: readonly string[],
  progress: Progress,
): Promise<number> {
  await writeGenesis(log, policy, 0);
  let count = 0;
  let timestamp = 0;
  for (const path of files) {
    const endOfFormer = timestamp;
    let begin: number | undefined;
    for await (const lines of readEventFile(path, (read, total) => progress.update(read, total))) {
      begin ??= lines.find((line) => line.timestamp > 0)?.timestamp;
      if (begin !== undefined && begin < endOfFormer) throw outOfOrder(path, begin, endOfFormer);
      const records = lines.flatMap((line) => toRecords(line, log.partitionCount));
      if (records.length > 0) await log.append('events', records);
      count += lines.length;
      timestamp = Math.max(timestamp, lines.at(-1)?.timestamp ?? 0);
    }
  }
  await log.append('events', forAll(log.partitionCount, JSON.stringify({ type: 'tick', ts: timestamp }), timestamp));
  return count;
}

/** Time does not go back in an archive, so all events of such a file would be put at one instant. */
function outOfOrder(path: string, begin: number, endOfFormer: number): CommandError {
  return new CommandError(
    `${nameOf(path)} begins at ${begin}, before the end of what was named before it (${endOfFormer}), so nothing was ` +
      `imported: name the files in order of time, and merge those that overlap into one.`,
  );
}

async function requireEmpty(log: MessageLog, { kafka, name }: LogPlace): Promise<void> {
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { next } = await log.range('events', partition);
    if (next > 0 || log.kind !== 'archive') {
      const elsewhere =
        kafka === null ? 'a new directory, named with --data' : 'topics with another PRESENTLY_TOPIC_PREFIX';
      throw new CommandError(`The log in ${name} is not empty: import into ${elsewhere}.`);
    }
  }
}

/** A line's record; what concerns a source or the policy goes to every partition, and what cannot be read to the first. */
function toRecords({ text, decoded, timestamp }: EventLine, partitionCount: number): NewRecord[] {
  if ('refused' in decoded) return [{ key: null, value: text, partition: 0, timestamp }];
  if (isUserEvent(decoded.event)) return [{ key: decoded.event.user_id, value: text, timestamp }];
  return forAll(partitionCount, text, timestamp);
}

function forAll(partitionCount: number, value: string, timestamp: number): NewRecord[] {
  return Array.from({ length: partitionCount }, (_, partition) => ({ key: null, value, partition, timestamp }));
}
