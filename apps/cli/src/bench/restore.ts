import { join } from 'node:path';
import type { StateRecord } from '#domain/state-records';
import type { MessageLog } from '#message-log/message-log';
import { FileImages } from '#service/images/file-images';
import type { Benchmark, BenchmarkContext, BenchmarkResult, Goal, Series } from './benchmark.ts';
import { START_AT } from './folded-state.ts';
import type { FilledRecord, LogPlace } from './log-places.ts';
import { fillLog, logPlaces } from './log-places.ts';
import { atMost, heapBytes, Measured, median, timeMs } from './measure.ts';
import { Population } from './population.ts';
import { bothReadyMs, deliveryReadyMs, projectMs, projectorReadyMs, takeImages } from './running-apps.ts';

const SIZES = [100_000, 1_000_000];
const SIZES_QUICK = [500];
const USERS_PER_BLOCK = 500;
const SECONDS_MAX = { LMDB: 10, Kafka: 20 };

const PROJECTOR = 'projector ready from its images';
const DELIVERY = 'delivery ready from its image';
const BOTH = 'both, at once in one process';
const LOG_ALONE = 'both, without images';
const READ = 'the state read and parsed once';
const TOLD = [PROJECTOR, DELIVERY, BOTH, LOG_ALONE, READ];

async function run(context: BenchmarkContext): Promise<BenchmarkResult> {
  const measured = new Measured();
  const goals: Goal[] = [];
  const series: Series[] = [];
  const sizes = context.isQuick ? SIZES_QUICK : SIZES;
  const places = logPlaces(context);
  for (const place of places) {
    const what = (name: string, users: number): string => `${place.name}: ${name}, ${users.toLocaleString('en')} users`;
    for (const users of sizes) {
      context.say(`${place.name}: ${users} users`);
      const images = new FileImages(join(context.directory, `images-${place.name}-${users}`));
      await restoreAll(place, users, images, context.runs, (name, ms) =>
        measured.add(what(name, users), 's', ms / 1_000),
      );
    }
    const middle = (name: string, users: number): number => median(measured.get(what(name, users)).values);
    const most = SECONDS_MAX[place.name];
    for (const name of [PROJECTOR, DELIVERY]) {
      const text = `${place.name}: ${name} with a million users in under ${most} s`;
      goals.push(atMost(most, text, middle(name, sizes.at(-1) ?? 0)));
    }
    for (const name of TOLD) {
      const points = sizes.map((users) => [users, middle(name, users)] as const);
      series.push({ title: `${place.name}: ${name}`, x: 'users', y: 'seconds', points });
    }
  }
  const notes = ['A user has one device and three rooms.'];
  if (places.length === 1) notes.push('KAFKA_BROKERS is not set: Kafka was left out.');
  return { measurements: measured.measurements, goals, series, notes };
}

async function restoreAll(
  place: LogPlace,
  users: number,
  images: FileImages,
  runs: number,
  measured: (what: string, ms: number) => void,
): Promise<void> {
  const name = `restore-${users}`;
  const filled = await place.open(name);
  await fillLog(filled, START_AT, blocksOf(new Population(users)));
  await projectMs(filled);
  await takeImages(filled, images);
  await filled.close();
  for (let count = 1; count <= runs; count++) {
    const log = await place.open(name);
    const measure = async (what: string, ms: () => Promise<number>): Promise<void> => {
      heapBytes(); // what the one before has left is not to be collected at the expense of this one
      measured(what, await ms());
    };
    await measure(PROJECTOR, () => projectorReadyMs(log, images));
    await measure(DELIVERY, () => deliveryReadyMs(log, images));
    await measure(BOTH, () => bothReadyMs(log, images));
    await measure(LOG_ALONE, () => bothReadyMs(log, null));
    await measure(READ, () => timeMs(() => readState(log)));
    await (count === runs ? log.discard() : log.close());
  }
}

function* blocksOf(population: Population): Iterable<FilledRecord[]> {
  for (let first = 0; first < population.size; first += USERS_PER_BLOCK) {
    const count = Math.min(USERS_PER_BLOCK, population.size - first);
    yield Array.from({ length: count }, (_, index) => population.events(first + index)).flatMap((events) =>
      events.map((event) => ({ key: event.user_id, value: JSON.stringify(event), timestamp: START_AT })),
    );
  }
}

/** The least that any restore has to do. */
async function readState(log: MessageLog): Promise<void> {
  let users = 0;
  for (let partition = 0; partition < log.partitionCount; partition++) {
    for await (const { records } of log.read('state', partition, 0)) {
      for (const { value } of records) {
        if (value !== null && (JSON.parse(value.toString()) as StateRecord).kind === 'user') users++;
      }
    }
  }
  if (users === 0) throw new Error('There is no state.');
}

export const restore: Benchmark = {
  name: 'restore',
  summary: 'projector and delivery ready again with a million users',
  run,
};
