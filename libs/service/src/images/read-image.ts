import type { MessageLog } from '#message-log/message-log';
import type { ImageHeader, ImageTrailer, StoredImage } from './image.ts';
import { IMAGE_AGE_MS_MAX, IMAGE_FORMAT } from './image.ts';

/** An image that can be begun from. */
export interface Image {
  readonly header: ImageHeader;
  /** How many rows it has. */
  readonly size: number;
  /** They, some at a time. */
  rows(): AsyncIterable<readonly unknown[]>;
}

/**
 * Looks at all of an image before anything of it is used: half of one cannot be begun from. Throws with the reason why it cannot
 * be used.
 */
export async function readImage(stored: StoredImage, log: MessageLog, now: number): Promise<Image> {
  let [first, last, count]: [Buffer | null, Buffer | null, number] = [null, null, 0];
  for await (const frame of stored.frames()) {
    first ??= frame;
    last = frame;
    count++;
  }
  if (first === null || last === null || count < 2) throw new Error('it was cut off');
  const header = JSON.parse(first.toString()) as ImageHeader;
  const trailer = JSON.parse(last.toString()) as Partial<ImageTrailer>;
  await check(header, trailer, log, now);
  return { header, size: trailer.rows ?? 0, rows: () => rowsOf(stored, count) };
}

async function check(header: ImageHeader, { to }: Partial<ImageTrailer>, log: MessageLog, now: number): Promise<void> {
  const { format, logId, partitionCount, takenAt, parts } = header;
  if (format !== IMAGE_FORMAT) throw new Error('it is of another version');
  if (to === undefined) throw new Error('it was cut off');
  if (logId !== log.logId) throw new Error('it is of another log');
  if (partitionCount !== log.partitionCount) throw new Error('the log had another number of partitions');
  if (Math.abs(now - takenAt) > IMAGE_AGE_MS_MAX) throw new Error('it is too old');
  for (const [index, { partition }] of parts.entries()) {
    const { next } = await log.range('state', partition);
    // As when an older copy of the log was put in its place.
    if ((to[index] ?? Infinity) > next) throw new Error('it goes further than the log');
  }
}

async function* rowsOf(stored: StoredImage, count: number): AsyncIterable<readonly unknown[]> {
  let at = 0;
  for await (const frame of stored.frames()) {
    if (at > 0 && at < count - 1) yield JSON.parse(frame.toString()) as unknown[];
    at++;
  }
}
