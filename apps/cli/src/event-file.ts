import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Decoded } from '#domain/events';
import { decodeEvent } from '#domain/events';
import { CommandError } from '#runtime/process';

/** One line of an event file. */
export interface EventLine {
  readonly text: string;
  readonly decoded: Decoded;
  /** The running maximum of `ts` in the file, milliseconds: what an archive gives the record as its timestamp. */
  readonly timestamp: number;
}

/** Hears how many bytes of a file have been read, of how many (null: unknown). */
export type ReadProgress = (bytesRead: number, bytesTotal: number | null) => void;

/** Throws a `CommandError` when one of the files cannot be read: before anything else is begun. */
export function requireFiles(paths: readonly string[]): void {
  for (const path of paths.filter((name) => name !== '-')) {
    let isDirectory = false;
    try {
      isDirectory = statSync(path).isDirectory();
      accessSync(path, constants.R_OK);
    } catch (error) {
      throw cannotRead(path, error);
    }
    if (isDirectory) throw new CommandError(`${path} is a directory: name the files in it.`);
  }
}

/** What a file is called to people. */
export const nameOf = (path: string): string => (path === '-' ? 'standard input' : path);

function cannotRead(path: string, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new CommandError(`There is no file ${path}.`);
  return new CommandError(`Cannot read ${nameOf(path)}: ${message}.`);
}

/**
 * Reads NDJSON from a file, a `.gz` file, or `-` (standard input), in batches of lines. Empty lines are
 * passed over. Throws a `CommandError` when it cannot be read to its end.
 */
export async function* readEventFile(
  path: string,
  progress: ReadProgress = () => undefined,
): AsyncIterable<EventLine[]> {
  let timestamp = 0;
  for await (const lines of readLines(path, progress)) {
    yield lines.map((text) => {
      const { decoded, ts } = readLine(text);
      if (ts !== null && ts > timestamp) timestamp = ts;
      return { text, decoded, timestamp };
    });
  }
}

function readLine(text: string): { decoded: Decoded; ts: number | null } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { decoded: { refused: 'the line is not JSON' }, ts: null };
  }
  const ts: unknown = typeof value === 'object' && value !== null && 'ts' in value ? value.ts : null;
  return { decoded: decodeEvent(value), ts: Number.isSafeInteger(ts) && Number(ts) >= 0 ? Number(ts) : null };
}

async function* readLines(path: string, progress: ReadProgress): AsyncIterable<string[]> {
  let rest = '';
  try {
    const stream = openText(path, progress).setEncoding('utf8');
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield lines.filter((line) => line.trim() !== '');
    }
  } catch (error) {
    throw cannotRead(path, error);
  }
  if (rest.trim() !== '') yield [rest];
}

function openText(path: string, progress: ReadProgress): Readable {
  if (path === '-') return process.stdin;
  const total = statSync(path).size;
  let read = 0;
  const file = createReadStream(path, { highWaterMark: 1 << 16 });
  file.on('data', (chunk) => progress((read += chunk.length), total));
  if (!path.endsWith('.gz')) return file;
  const unzipped = createGunzip({ chunkSize: 1 << 16 });
  file.on('error', (error) => unzipped.destroy(error));
  return file.pipe(unzipped);
}
