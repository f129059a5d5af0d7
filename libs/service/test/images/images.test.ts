import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryLog } from '#message-log/memory/memory-log';
import { FileImages } from '#service/images/file-images';
import type { ImagePart } from '#service/images/image';
import { Images } from '#service/images/images';
import { silentLog } from '#runtime/log';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';

const directory = temporaryDirectory();
const HOUR_MS = 3_600_000;

/** Something to take images of, and to begin from them. */
class Numbers {
  readonly name = 'numbers';
  isSettled = true;
  isOver = false;
  from = 5;
  known: number[] = [1, 2, 3];
  restoredTo: readonly ImagePart[] | null = null;

  get size(): number {
    return this.known.length;
  }
  parts(): ImagePart[] {
    return [{ partition: 0, from: this.from, checkpoint: null }];
  }
  rows(): number[] {
    return this.known;
  }
  take(row: number): void {
    this.known.push(row);
  }
  taken(parts: readonly ImagePart[]): void {
    this.restoredTo = parts;
  }
  forget(): void {
    this.known = [];
  }
}

let clock: MovableClock;
let events: string[];
const path = (): string => join(directory.path(), 'images');
const file = (): string => join(path(), 'numbers.image');

async function logOf({ logId = 'log', partitionCount = 1, records = 5 } = {}): Promise<MemoryLog> {
  const log = new MemoryLog({ logId, partitionCount, clock });
  await log.append(
    'state',
    Array.from({ length: records }, () => ({ key: 'a', value: '1', partition: 0 })),
  );
  return log;
}

async function imagesOf(log: MemoryLog): Promise<Images> {
  const note = (event: string, fields: Record<string, unknown> = {}): void => {
    const { error } = fields as { error?: string };
    events.push(error === undefined ? event : `${event}: ${error}`);
  };
  const logger = { ...silentLog, info: note, warn: note };
  return new Images({ store: new FileImages(path()), log, clock, logger, recordsMin: 1, everyMs: 100, frameLength: 1 });
}

/** Goes on until an image was taken, or could not be. */
async function pass(until: () => boolean): Promise<void> {
  while (!until()) {
    clock.move(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Takes one image, and ends. */
async function taken(numbers = new Numbers()): Promise<void> {
  const images = await imagesOf(await logOf());
  images.keep(() => [numbers]);
  await pass(() => events.length > 0);
  expect(events.splice(0)).toEqual(['image.taken']);
  await stopped(images);
}

async function stopped(images: Images): Promise<void> {
  let isStopped = false;
  void images.stop().then(() => (isStopped = true));
  await pass(() => isStopped);
}

async function restored(log: MemoryLog): Promise<Numbers> {
  const numbers = new Numbers();
  numbers.forget();
  const images = await imagesOf(log);
  expect(await images.restore('numbers', numbers)).toBe(numbers.restoredTo !== null);
  return numbers;
}

beforeEach(() => {
  clock = new MovableClock();
  events = [];
});

test('what an image has taken is there again, and how far it goes', async () => {
  await taken();
  const { known, restoredTo } = await restored(await logOf());
  expect(known).toEqual([1, 2, 3]);
  expect(restoredTo).toEqual([{ partition: 0, from: 5, checkpoint: null }]);
  expect(events).toEqual(['image.restored']);
});

test('without an image there is nothing to say', async () => {
  expect((await restored(await logOf())).restoredTo).toBeNull();
  expect(events).toEqual([]);
});

describe('an image is not used, and is gone, when', () => {
  test.each<[string, string, () => void | Parameters<typeof logOf>[0]]>([
    ['a byte of it was changed', 'it is damaged', () => change((bytes) => bytes.fill(0x39, 40, 41))],
    ['its end is missing', 'it was cut off', () => change((bytes) => bytes.subarray(0, bytes.length - 3))],
    ['its last frame is missing', 'it was cut off', () => change(withoutLastFrame)],
    ['it is empty', 'it was cut off', () => change(() => Buffer.alloc(0))],
    ['the log is another one', 'it is of another log', () => ({ logId: 'other' })],
    ['the log has other partitions', 'the log had another number of partitions', () => ({ partitionCount: 2 })],
    ['the log is an older copy', 'it goes further than the log', () => ({ records: 4 })],
    ['it is older than tombstones are kept', 'it is too old', () => clock.set(13 * HOUR_MS)],
    ['it is of the future', 'it is too old', () => clock.set(-13 * HOUR_MS)],
  ])('%s', async (_when, says, change) => {
    await taken();
    const options = change() ?? {};
    const numbers = await restored(await logOf(options));
    expect(numbers.restoredTo).toBeNull();
    expect(numbers.known).toEqual([]);
    expect(events).toEqual([`image.unusable: ${says}`]);
    expect((await restored(await logOf(options))).restoredTo).toBeNull();
    expect(events).toHaveLength(1);
  });
});

test('rows are taken only while nothing is half done', async () => {
  const numbers = new Numbers();
  const images = await imagesOf(await logOf());
  images.keep(() => [numbers]);
  numbers.rows = function* () {
    queueMicrotask(() => (numbers.isSettled = false)); // something begins before the next row
    setTimeout(() => (numbers.isSettled = true), 20);
    yield 1;
    yield numbers.isSettled ? 2 : NaN;
  } as unknown as Numbers['rows'];
  await pass(() => events.length > 0);
  await stopped(images);
  expect((await restored(await logOf())).known).toEqual([1, 2]);
});

test('the old image stays when the next one comes to nothing', async () => {
  await taken();
  const numbers = new Numbers();
  numbers.from = 9;
  const images = await imagesOf(await logOf());
  let count = 0;
  numbers.rows = function* () {
    yield 7;
    numbers.isOver = true; // its worker was thrown away
    count++;
    yield 8;
  } as unknown as Numbers['rows'];
  images.keep(() => [numbers]);
  await pass(() => count > 0);
  await stopped(images);
  expect((await restored(await logOf())).known).toEqual([1, 2, 3]);
});

test('one that cannot be written is said, and tried again when more has come', async () => {
  writeFileSync(path(), 'a file where the directory is to be');
  const numbers = new Numbers();
  const images = await imagesOf(await logOf());
  images.keep(() => [numbers]);
  await pass(() => events.length > 0);
  expect(events.splice(0)).toEqual([expect.stringMatching(/^image.failed: E(EXIST|NOTDIR)/)]);
  rmSync(path());
  numbers.from++;
  await pass(() => events.length > 0);
  expect(events).toEqual(['image.taken']);
  await stopped(images);
});

test('one is taken only when enough has come since the last', async () => {
  const numbers = new Numbers();
  const log = await logOf();
  await taken(numbers);
  const images = await imagesOf(log);
  await images.restore('numbers', new Numbers());
  images.keep(() => [numbers]);
  let turns = 0;
  await pass(() => turns++ > 50);
  expect(events.splice(0)).toEqual(['image.restored']);
  numbers.from++;
  await pass(() => events.length > 0);
  expect(events).toEqual(['image.taken']);
  await stopped(images);
});

function change(how: (bytes: Buffer) => Buffer): void {
  mkdirSync(path(), { recursive: true });
  writeFileSync(file(), how(readFileSync(file())));
}

function withoutLastFrame(bytes: Buffer): Buffer {
  let [at, last] = [0, 0];
  while (at < bytes.length) [last, at] = [at, at + 8 + bytes.readUInt32BE(at)];
  return bytes.subarray(0, last);
}
