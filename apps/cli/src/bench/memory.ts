import type { Benchmark, BenchmarkContext, BenchmarkResult } from './benchmark.ts';
import { FoldedState } from './folded-state.ts';
import { atMost, heapBytes, Measured } from './measure.ts';
import { Population } from './population.ts';

const SIZES = [10_000, 100_000, 1_000_000];
const SIZES_QUICK = [1_000, 2_000];
const FOLD_BYTES_MAX = 1_000;
const VIEW_BYTES_MAX = 400;

/** Bytes a user on the heap, once for each size: the same users always take the same. */
function run(context: BenchmarkContext): BenchmarkResult {
  const { isQuick } = context;
  const measured = new Measured();
  const points: { projector: [number, number][]; delivery: [number, number][] } = { projector: [], delivery: [] };
  let [projector, delivery] = [NaN, NaN];
  for (const users of isQuick ? SIZES_QUICK : SIZES) {
    context.say(`${users} users`);
    [projector, delivery] = bytesPerUser(users);
    measured.add(`projector, ${users.toLocaleString('en')} users`, 'B a user', projector);
    measured.add(`delivery, ${users.toLocaleString('en')} users`, 'B a user', delivery);
    points.projector.push([users, projector]);
    points.delivery.push([users, delivery]);
  }
  const axes = { x: 'users', y: 'bytes a user' };
  return {
    measurements: measured.measurements,
    goals: [
      atMost(FOLD_BYTES_MAX, 'projector: under 1 KB a user', projector),
      atMost(VIEW_BYTES_MAX, 'delivery: under 400 B a user', delivery),
    ],
    series: [
      { title: 'projector', ...axes, points: points.projector },
      { title: 'delivery', ...axes, points: points.delivery },
    ],
    notes: ['A user has one device and three rooms of a hundred members.'],
  };
}

function bytesPerUser(users: number): [projector: number, delivery: number] {
  const population = new Population(users);
  const empty = heapBytes();
  const state = new FoldedState();
  state.addAll(population);
  const both = heapBytes();
  state.fold = null;
  const view = heapBytes();
  if (state.hub.cursor.length !== 1) throw new Error('The view is gone.'); // and is still in use here
  return [(both - view) / users, (view - empty) / users];
}

export const memory: Benchmark = {
  name: 'memory',
  summary: 'bytes a user in the projector and in delivery',
  run: (context) => Promise.resolve(run(context)),
};
