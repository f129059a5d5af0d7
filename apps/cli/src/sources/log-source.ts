import { ARCHIVE_POLICY, LIVE_POLICY } from '#domain/policy';
import { decodeValue } from '#message-log/decode-value';
import type { MessageLog } from '#message-log/message-log';
import { CommandError } from '#runtime/process';
import type { Place, RecordBatch, Source } from './source.ts';
import { DeadLetterCount } from './source.ts';

/** Hears how many records of a partition have been read, of how many. */
type Report = (read: number, total: number) => void;

/** A partition of the log. */
export function logSource(log: MessageLog, index: number, report: Report): Source {
  return {
    name: `partition ${index}`,
    partition: index,
    foldOptions: {
      policy: log.kind === 'archive' ? ARCHIVE_POLICY : LIVE_POLICY,
      partition: { index, count: log.partitionCount },
    },
    deadLetters: new DeadLetterCount(),
    identity: () => `log-${log.logId}-${index}`,
    read: (from) => readPartition(log, index, from, report),
  };
}

async function* readPartition(
  log: MessageLog,
  partition: number,
  from: Place | null,
  report: Report,
): AsyncIterable<RecordBatch> {
  const { first } = await log.range('events', partition);
  const start = from?.offset ?? 0;
  let t = from?.t ?? 0;
  if (first > start) {
    throw new CommandError(
      `Partition ${partition} of the events begins at offset ${first}: what came before was deleted.` +
        (from === null ? '' : ` The snapshot ends at ${start}, which is too early.`),
    );
  }
  for await (const { records, next, end } of log.read('events', partition, start)) {
    t = records.reduce((greatest, { timestamp }) => Math.max(greatest, timestamp), t);
    yield {
      records: records.map(({ offset, timestamp, key, value }) => ({
        offset,
        timestamp,
        key,
        decoded: decodeValue(value),
      })),
      next: { offset: next, byte: null, t },
    };
    report(next, end);
  }
}
