import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { ARCHIVE_POLICY } from '#domain/policy';
import { CommandError } from '#runtime/process';
import type { ReadProgress } from '../event-file.ts';
import { FILE_START, nameOf, readEventLines } from '../event-file.ts';
import type { Place, RecordBatch, Source } from './source.ts';
import { DeadLetterCount } from './source.ts';

/** An event file as a partition. */
export function fileSource(path: string, partition: number | null, progress: ReadProgress): Source {
  return {
    name: nameOf(path),
    partition,
    foldOptions: { policy: ARCHIVE_POLICY },
    deadLetters: new DeadLetterCount(),
    identity: () => identityOf(path),
    read: (from) => readFile(path, from, progress),
  };
}

async function* readFile(path: string, from: Place | null, progress: ReadProgress): AsyncIterable<RecordBatch> {
  let offset = from?.offset ?? 0;
  const place = from === null ? FILE_START : { byte: from.byte ?? 0, timestamp: from.t };
  let t = place.timestamp;
  for await (const { lines, nextByte } of readEventLines(path, progress, place)) {
    const records = lines.map(({ decoded, timestamp }) => ({ offset: offset++, timestamp, decoded }));
    t = records.at(-1)?.timestamp ?? t;
    yield { records, next: { offset, byte: nextByte, t } };
  }
}

/** A file that was changed has another time or size. To read all of it would take as long as folding it. */
function identityOf(path: string): string {
  if (path === '-') throw new CommandError('Standard input has no snapshots: name a file.');
  const { size, mtimeMs } = statSync(path);
  const hash = createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex').slice(0, 16);
  return `file-${hash}`;
}
