import type { Decoded } from '#domain/events';
import { decodeText } from '#domain/events';
import { Fold } from '#domain/fold';
import { SeededRandom } from '#runtime/clock/seeded-random';
import type { Benchmark, BenchmarkContext, BenchmarkResult } from './benchmark.ts';
import { START_AT } from './folded-state.ts';
import { atLeast, atMost, heapBytes, Measured, ratio, timeMs } from './measure.ts';
import { Population } from './population.ts';
import { Trace } from './trace.ts';

const EVENTS = 5_000_000;
const EVENTS_QUICK = 20_000;
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const SIZES_QUICK = [100, 1_000];
const RANDOM_EVENTS = 300_000;
const RANDOM_EVENTS_QUICK = 1_000;
/** How long it takes until every user has had an event, on average. */
const ROUND_MS = 100_000;
const DRAIN_EVENTS = 1_000;

const PARSED = 'JSON.parse of the same lines';
const FOLDED = 'parse and fold';
const USER = 'memory of the fold';

async function run(context: BenchmarkContext): Promise<BenchmarkResult> {
  const { isQuick, runs } = context;
  const measured = new Measured();
  const trace = await Trace.load(isQuick);
  context.say('warming up');
  await playTrace(trace, EVENTS_QUICK, new Measured());
  for (let count = 1; count <= runs; count++) {
    context.say(`run ${count} of ${runs}: ${isQuick ? EVENTS_QUICK : EVENTS} events`);
    await playTrace(trace, isQuick ? EVENTS_QUICK : EVENTS, measured);
  }
  const random = await accessRandomly(context, measured);
  return {
    measurements: measured.measurements,
    goals: [
      atLeast(0.6, 'at least 0.6 of the speed of JSON.parse alone', ratio(measured.get(FOLDED), measured.get(PARSED))),
      atMost(
        1_000,
        'under 1 KB a user',
        ratio(measured.get(USER), { what: '', unit: '', values: measured.get(USER).values.map(() => 1) }),
      ),
      ...random.goals,
    ],
    series: random.series ?? [],
    notes: [`The events are those of ${trace.name}, repeated with other users.`],
  };
}

/** The trace, parsed only and then parsed and folded: time for making the lines is left out. */
async function playTrace(trace: Trace, events: number, measured: Measured): Promise<void> {
  const parsed = await parseTrace(trace, events);
  const before = heapBytes();
  const reader = new FileFold();
  const foldMs = await foldTrace(trace, events, reader);
  measured.add(PARSED, 'events/s', (parsed.count * 1_000) / parsed.ms);
  measured.add(FOLDED, 'events/s', (parsed.count * 1_000) / foldMs);
  measured.add(USER, 'B a user', (heapBytes() - before) / reader.fold.userCount);
}

/** Apart from who measures memory, so that no line is still within reach when that looks. */
async function parseTrace(trace: Trace, events: number): Promise<{ count: number; ms: number }> {
  let [count, ms, sum] = [0, 0, 0];
  for (const lines of trace.blocks(events)) {
    count += lines.length;
    ms += await timeMs(() => {
      for (const line of lines) sum += (JSON.parse(line) as { ts: number }).ts;
    });
  }
  if (!(sum > 0)) throw new Error('The events have no times.');
  return { count, ms };
}

async function foldTrace(trace: Trace, events: number, reader: FileFold): Promise<number> {
  let ms = 0;
  for (const lines of trace.blocks(events)) ms += await timeMs(() => reader.take(lines));
  return ms;
}

/** Folds lines as `presently replay` does. */
class FileFold {
  readonly fold = new Fold();
  private offset = 0;
  private timestamp = 0;

  take(lines: readonly string[]): void {
    for (const line of lines) {
      const decoded = decodeText(line);
      this.timestamp = Math.max(this.timestamp, timeOf(decoded));
      this.fold.apply({ offset: this.offset++, timestamp: this.timestamp, decoded });
      if (this.offset % DRAIN_EVENTS === 0) this.fold.drain();
    }
    this.fold.drain();
  }
}

function timeOf(decoded: Decoded): number {
  if ('refused' in decoded) throw new Error(`The trace has a bad event: ${decoded.refused}`);
  return decoded.event.ts ?? 0;
}

/** What an event costs when any user can be the next, by how many there are; and what the mere look into a Map costs then. */
async function accessRandomly(
  context: BenchmarkContext,
  measured: Measured,
): Promise<Pick<BenchmarkResult, 'goals' | 'series'>> {
  const { isQuick, runs } = context;
  const sizes = isQuick ? SIZES_QUICK : SIZES;
  const whatFold = (users: number): string => `parse and fold, random of ${users.toLocaleString('en')} users`;
  const whatMap = (users: number): string => `parse and Map.get, random of ${users.toLocaleString('en')} users`;
  for (const users of sizes) {
    context.say(`${users} users, in random order`);
    const crowd = new RandomCrowd(users);
    for (let count = 0; count <= runs; count++) {
      const lines = crowd.lines(isQuick ? RANDOM_EVENTS_QUICK : RANDOM_EVENTS);
      const mapMs = await timeMs(() => crowd.look(lines));
      const foldMs = await timeMs(() => crowd.reader.take(lines));
      if (count === 0) continue; // the first warms up
      measured.add(whatFold(users), 'ns an event', (foldMs * 1e6) / lines.length);
      measured.add(whatMap(users), 'ns an event', (mapMs * 1e6) / lines.length);
    }
  }
  const points = (what: (users: number) => string) =>
    sizes.map((users) => [users, ratio(measured.get(what(users)), one(runs))] as const);
  const [few = 0, many = 0] = isQuick ? sizes : [10_000, 1_000_000];
  const growth = ratio(measured.get(whatFold(many)), measured.get(whatFold(few)));
  const mapGrowth = ratio(measured.get(whatMap(many)), measured.get(whatMap(few)));
  const text =
    `an event among a million users costs at most 3 times as much as among 10,000 ` +
    `(a Map with as many objects: ${mapGrowth.toFixed(1)})`;
  const axes = { x: 'users', y: 'ns an event' };
  return {
    goals: [atMost(3, text, growth)],
    series: [
      { title: 'parse and fold', ...axes, points: points(whatFold) },
      { title: 'parse and look into a Map', ...axes, points: points(whatMap) },
    ],
  };
}

const one = (runs: number) => ({ what: '', unit: '', values: Array.from({ length: runs }, () => 1) });

/** Users who are connected, and act in random order, each as often as in a crowd of any other size. */
class RandomCrowd {
  readonly reader = new FileFold();
  private readonly seats = new Map<string, { seen: number }>();
  private readonly population: Population;
  private readonly random = new SeededRandom(7);
  private events = 0;

  constructor(private readonly users: number) {
    this.population = new Population(users);
    for (let index = 0; index < users; index++) {
      this.seats.set(this.population.userId(index), { seen: 0 });
      this.reader.take([this.line('device.connected', index)]);
    }
  }

  /** Made before they are timed. */
  lines(count: number): string[] {
    return Array.from({ length: count }, () => this.line('device.active', this.random.below(this.users)));
  }

  look(lines: readonly string[]): void {
    for (const line of lines) {
      const seat = this.seats.get((JSON.parse(line) as { user_id: string }).user_id);
      if (seat !== undefined) seat.seen++;
    }
  }

  private line(type: string, index: number): string {
    const ts = Math.floor(START_AT + (this.events++ * ROUND_MS) / this.users);
    return JSON.stringify({ ts, type, user_id: this.population.userId(index), device_id: 'PHONE' });
  }
}

export const fold: Benchmark = {
  name: 'fold',
  summary: 'parse and fold five million events, against JSON.parse of the same lines',
  run,
};
