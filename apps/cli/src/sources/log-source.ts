import { ARCHIVE_POLICY, LIVE_POLICY } from '#domain/policy';
import { decodeValue } from '#message-log/decode-value';
import type { Batch, MessageLog } from '#message-log/message-log';
import { CommandError } from '#runtime/process';
import type { Place, RecordBatch, Source } from './source.ts';
import { DeadLetterCount } from './source.ts';

/** Logs give thousands of records at once, and a snapshot is kept between two pieces. */
const PIECE_RECORDS = 250;

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
      `Partition ${partition} of the events begins at offset ${first}: what came before was deleted. ` +
        (from === null
          ? 'What follows from it is not known. Snapshots that were made in time carry a replay past it.'
          : `The last snapshot before that time ends at ${start}, which is too early. Ask about a later time.`),
    );
  }
  for await (const batch of log.read('events', partition, start)) {
    for (const piece of piecesOf(batch)) {
      t = piece.records.reduce((greatest, { timestamp }) => Math.max(greatest, timestamp), t);
      yield {
        records: piece.records.map(({ value, ...record }) => ({ ...record, decoded: decodeValue(value) })),
        next: { offset: piece.next, byte: null, t },
      };
    }
    report(batch.next, batch.end);
  }
}

/** A batch in pieces, so that there are places between its records. */
function* piecesOf({ records, next }: Batch): Iterable<Pick<Batch, 'records' | 'next'>> {
  for (let at = 0; at < records.length; at += PIECE_RECORDS) {
    const rest = records[at + PIECE_RECORDS];
    yield { records: records.slice(at, at + PIECE_RECORDS), next: rest?.offset ?? next };
  }
}
