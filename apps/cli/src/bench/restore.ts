import type { StateRecord } from '#domain/state-records';
import type { MessageLog } from '#message-log/message-log';
import type { Benchmark, BenchmarkContext, BenchmarkResult, Goal, Series } from './benchmark.ts';
import { START_AT } from './folded-state.ts';
import type { FilledRecord, LogPlace } from './log-places.ts';
import { fillLog, logPlaces } from './log-places.ts';
import { atMost, Measured, median, timeMs } from './measure.ts';
import { Population } from './population.ts';
import { projectMs, restoreMs } from './running-apps.ts';

const SIZES = [100_000, 1_000_000];
const SIZES_QUICK = [500];
const USERS_PER_BLOCK = 500;
const SECONDS_MAX = { LMDB: 10, Kafka: 20 };

const READY = 'projector and delivery ready';
const READ = 'the state read and parsed once';

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
      await restoreAll(place, users, context.runs, (name, ms) => measured.add(what(name, users), 's', ms / 1_000));
    }
    const middle = (name: string, users: number): number => median(measured.get(what(name, users)).values);
    const most = SECONDS_MAX[place.name];
    const seconds = middle(READY, sizes.at(-1) ?? 0);
    goals.push(atMost(most, `${place.name}: ready with a million users in under ${most} s`, seconds));
    const points = (name: string) => sizes.map((users) => [users, middle(name, users)] as const);
    const axes = { x: 'users', y: 'seconds' };
    series.push({ title: `${place.name}: ready`, ...axes, points: points(READY) });
    series.push({ title: `${place.name}: read and parsed once`, ...axes, points: points(READ) });
  }
  const notes = ['A user has one device and three rooms. Both are in one process, and each reads all of the state.'];
  if (places.length === 1) notes.push('KAFKA_BROKERS is not set: Kafka was left out.');
  return { measurements: measured.measurements, goals, series, notes };
}

async function restoreAll(
  place: LogPlace,
  users: number,
  runs: number,
  measured: (what: string, ms: number) => void,
): Promise<void> {
  const name = `restore-${users}`;
  const filled = await place.open(name);
  await fillLog(filled, START_AT, blocksOf(new Population(users)));
  await projectMs(filled);
  await filled.close();
  for (let count = 1; count <= runs; count++) {
    const log = await place.open(name);
    measured(READY, await restoreMs(log));
    measured(READ, await timeMs(() => readState(log)));
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
