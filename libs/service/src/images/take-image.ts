import type { MessageLog } from '#message-log/message-log';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { ImageHeader, ImageStore, ImageSubject, ImageTrailer } from './image.ts';
import { IMAGE_FORMAT } from './image.ts';

/** Between frames, for others. */
const PAUSE_MS = 20;

export interface TakeOptions {
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly frameLength: number;
  readonly signal: AbortSignal;
}

/** Takes an image, with pauses. Null: there was nothing to take, or it came to an end before. Throws when it cannot be kept. */
export async function takeImage(
  store: ImageStore,
  subject: ImageSubject,
  options: TakeOptions,
): Promise<ImageHeader | null> {
  const { log, clock } = options;
  const parts = subject.isSettled ? subject.parts() : null;
  if (parts === null) return null;
  const header: ImageHeader = {
    format: IMAGE_FORMAT,
    logId: log.logId,
    partitionCount: log.partitionCount,
    takenAt: clock.now(),
    parts,
  };
  try {
    await store.write(subject.name, frames(header, subject, options));
    return header;
  } catch (error) {
    if (error instanceof CutShort) return null;
    throw error;
  }
}

/** The subject is gone, or the process stops: what was taken is of no use. */
class CutShort extends Error {}

async function* frames(
  header: ImageHeader,
  subject: ImageSubject,
  { clock, frameLength, signal }: TakeOptions,
): AsyncIterable<Buffer> {
  yield frameOf(header);
  const rows = subject.rows()[Symbol.iterator]();
  let count = 0;
  for (;;) {
    const some = subject.isSettled ? take(rows, frameLength) : null;
    if (some?.length === 0) break;
    if (some !== null) {
      count += some.length;
      yield Buffer.from(`[${some.join(',')}]`);
    }
    await sleep(clock, PAUSE_MS, signal);
    if (subject.isOver || signal.aborted) throw new CutShort();
  }
  const trailer: ImageTrailer = { to: (subject.parts() ?? []).map(({ from }) => from), rows: count };
  yield frameOf(trailer);
}

const frameOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** The next rows, as JSON; none: there are no more. */
function take(rows: Iterator<unknown>, frameLength: number): string[] {
  const some: string[] = [];
  for (let length = 0; length < frameLength; length += some.at(-1)?.length ?? 0) {
    const next = rows.next();
    if (next.done === true) break;
    some.push(JSON.stringify(next.value));
  }
  return some;
}
