import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { Decoded } from '#domain/events';
import { decodeEvent } from '#domain/events';
import { CommandError } from '#runtime/process';

const NEWLINE = 0x0a;

/** One line of an event file. */
export interface EventLine {
  readonly text: string;
  readonly decoded: Decoded;
  /** The running maximum of `ts` in the file, milliseconds: what an archive gives the record as its timestamp. */
  readonly timestamp: number;
}

/** A place between two lines of an event file. */
export interface FilePlace {
  /** Bytes of text before it, uncompressed. */
  readonly byte: number;
  /** The greatest `ts` before it, milliseconds. */
  readonly timestamp: number;
}

/** Some lines of an event file, and where they end. */
export interface EventLines {
  readonly lines: EventLine[];
  readonly nextByte: number;
}

export const FILE_START: FilePlace = { byte: 0, timestamp: 0 };

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
export async function* readEventFile(path: string, progress?: ReadProgress): AsyncIterable<EventLine[]> {
  for await (const { lines } of readEventLines(path, progress)) yield lines;
}

/** The same from a place on, with the places where the batches end. */
export async function* readEventLines(
  path: string,
  progress: ReadProgress = () => undefined,
  from: FilePlace = FILE_START,
): AsyncIterable<EventLines> {
  let { timestamp } = from;
  for await (const { texts, nextByte } of readLines(path, progress, from.byte)) {
    const lines = texts.map((text) => {
      const { decoded, ts } = readLine(text);
      if (ts !== null && ts > timestamp) timestamp = ts;
      return { text, decoded, timestamp };
    });
    yield { lines, nextByte };
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

async function* readLines(
  path: string,
  progress: ReadProgress,
  fromByte: number,
): AsyncIterable<{ texts: string[]; nextByte: number }> {
  // Cut where a line ends, so that no character is cut in two.
  let rest: Buffer[] = [];
  let nextByte = fromByte;
  const take = (): { texts: string[]; nextByte: number } => {
    const whole = Buffer.concat(rest);
    nextByte += whole.length;
    const texts = whole.toString().split('\n');
    return { texts: texts.filter((line) => line.trim() !== ''), nextByte };
  };
  try {
    for await (const chunk of openText(path, progress, fromByte)) {
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      rest.push(chunk.subarray(0, end === 0 ? chunk.length : end));
      if (end === 0) continue;
      yield take();
      rest = [chunk.subarray(end)];
    }
  } catch (error) {
    throw cannotRead(path, error);
  }
  if (rest.some(({ length }) => length > 0)) yield take();
}

function openText(path: string, progress: ReadProgress, fromByte: number): AsyncIterable<Buffer> {
  if (path === '-') return process.stdin;
  const isCompressed = path.endsWith('.gz');
  const start = isCompressed ? 0 : fromByte;
  const total = statSync(path).size;
  let read = start;
  const file = createReadStream(path, { highWaterMark: 1 << 16, start });
  file.on('data', (chunk) => progress((read += chunk.length), total));
  if (!isCompressed) return file;
  const unzipped = createGunzip({ chunkSize: 1 << 16 });
  file.on('error', (error) => unzipped.destroy(error));
  return skipBytes(file.pipe(unzipped), fromByte);
}

async function* skipBytes(chunks: AsyncIterable<Buffer>, count: number): AsyncIterable<Buffer> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
