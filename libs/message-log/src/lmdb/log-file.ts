import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { open } from 'lmdb';
import { freshId } from '#runtime/clock/chance';
import { LogConfigError } from '../errors.ts';
import type { RecordBody, RecordKey } from './encoding.ts';
import { keyEncoder, recordEncoder } from './encoding.ts';

const FORMAT = 1;
const PARTITIONS_DEFAULT = 4;
const ORIGIN_KEY = Buffer.from('log');
/** lmdb-js knows `keyEncoder`, and its types do not. */
const RECORDS = { name: 'records', keyEncoder, encoder: recordEncoder };
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** What a log was made with, and keeps. */
export interface Origin {
  readonly format: number;
  readonly logId: string;
  readonly partitionCount: number;
  readonly kind: 'live' | 'archive';
}

/** The LMDB file of a log. */
export interface LogFile {
  readonly origin: Origin;
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly records: Database<RecordBody, RecordKey>;
  /** Where the latest `state` record of each key is. */
  readonly latest: Database<Buffer, Buffer>;
  /** The origin, the ends of the partitions, and their owners. */
  readonly meta: Database<Buffer, Buffer>;
}

/** What a log is to be made with when there is none. A number of partitions that is named must be that of an old log, too. */
export interface Fresh {
  readonly partitionCount: number | undefined;
  readonly kind: Origin['kind'];
}

const pathIn = (directory: string): string => join(directory, 'log.mdb');

/** Opens the file of a log, or makes it with `fresh` when that is given. */
export function openLogFile(directory: string, fresh: Fresh | null): LogFile {
  const path = pathIn(directory);
  if (fresh === null && !existsSync(path)) throw new LogConfigError(`There is no log in ${directory}.`);
  const root = open<Buffer, Buffer>({
    path,
    maxDbs: 4,
    readOnly: fresh === null,
    // Else readers see records before they are on the disk, also when they never get there.
    overlappingSync: false,
    // Else each failed commit also rejects a promise that nobody can get at, and the process dies of it.
    eventTurnBatching: false,
    ...BINARY,
  });
  try {
    const records = root.openDB<RecordBody, RecordKey>(RECORDS);
    const latest = root.openDB({ name: 'latest', ...BINARY });
    const meta = root.openDB({ name: 'meta', ...BINARY });
    const origin = readOrigin(directory, meta) ?? writeOrigin(directory, meta, fresh);
    requirePartitions(directory, origin, fresh?.partitionCount);
    return { origin, root, records, latest, meta };
  } catch (error) {
    void root.close();
    throw error;
  }
}

function readOrigin(directory: string, meta: LogFile['meta']): Origin | null {
  const stored = meta.get(ORIGIN_KEY);
  if (stored === undefined) return null;
  const origin = JSON.parse(stored.toString()) as Origin;
  if (origin.format === FORMAT) return origin;
  throw new LogConfigError(
    `The log in ${directory} has format ${origin.format}, and this version reads ${FORMAT}: ` +
      `use the version that made it.`,
  );
}

function writeOrigin(directory: string, meta: LogFile['meta'], fresh: Fresh | null): Origin {
  if (fresh === null) throw new LogConfigError(`There is no log in ${directory}.`);
  const { partitionCount = PARTITIONS_DEFAULT, kind } = fresh;
  const origin: Origin = { format: FORMAT, logId: freshId(), partitionCount, kind };
  meta.putSync(ORIGIN_KEY, Buffer.from(JSON.stringify(origin)));
  return origin;
}

function requirePartitions(directory: string, { partitionCount }: Origin, named: number | undefined): void {
  if (named === undefined || named === partitionCount) return;
  throw new LogConfigError(
    `PRESENTLY_PARTITIONS is ${named}, and the log in ${directory} has ${partitionCount} partitions, for good: ` +
      `take the setting out, or name a new directory with --data or PRESENTLY_DATA.`,
  );
}

/** Removes the file of a log that is closed. */
export function removeLogFile(directory: string): void {
  for (const path of [pathIn(directory), `${pathIn(directory)}-lock`]) rmSync(path, { force: true });
}
