import { Command } from 'commander';
import { isUserEvent } from '#domain/events';
import { ARCHIVE_POLICY, changePolicy } from '#domain/policy';
import { writeGenesis } from '#message-log/genesis';
import type { MessageLog, NewRecord } from '#message-log/message-log';
import { ConfigError } from '#runtime/config';
import { configuredPolicy } from '#runtime/policy-config';
import type { EventLine } from './event-file.ts';
import { readEventFile } from './event-file.ts';
import { configWith, openForWriting } from './open-log.ts';
import { Progress } from './progress.ts';

export function importCommand(): Command {
  return new Command('import')
    .description('Put event files into an empty log as an archive, keeping their times.')
    .argument('<files...>', 'event files: NDJSON, .gz, or - for standard input')
    .option('--data <directory>', 'data directory of the embedded log (default: PRESENTLY_DATA, or ./data)')
    .addHelpText(
      'after',
      '\nThe archive can then be folded by `presently standalone` and asked by `presently replay --log`.',
    )
    .action(importFiles);
}

async function importFiles(files: readonly string[], options: { data?: string }): Promise<void> {
  const config = configWith(options.data);
  const policy = changePolicy(ARCHIVE_POLICY, configuredPolicy(config));
  if (typeof policy === 'string') throw new ConfigError(policy);
  const log = openForWriting(config, 'archive');
  const progress = new Progress('Importing', 'bytes');
  try {
    await requireEmpty(log, config.PRESENTLY_DATA);
    await writeGenesis(log, policy, 0);
    let count = 0;
    let timestamp = 0;
    for (const path of files) {
      for await (const lines of readEventFile(path, (read, total) => progress.update(read, total))) {
        const records = lines.flatMap((line) => toRecords(line, log.partitionCount));
        if (records.length > 0) await log.append('events', records);
        count += lines.length;
        timestamp = Math.max(timestamp, lines.at(-1)?.timestamp ?? 0);
      }
    }
    await log.append('events', forAll(log.partitionCount, JSON.stringify({ type: 'tick', ts: timestamp }), timestamp));
    progress.stop();
    process.stdout.write(
      `Imported ${count} events into ${config.PRESENTLY_DATA}, in ${log.partitionCount} partitions.\n`,
    );
  } finally {
    progress.stop();
    await log.close();
  }
}

async function requireEmpty(log: MessageLog, directory: string): Promise<void> {
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { next } = await log.range('events', partition);
    if (next > 0 || log.kind !== 'archive') {
      throw new ConfigError(`The log in ${directory} is not empty: import into a new directory, named with --data.`);
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
