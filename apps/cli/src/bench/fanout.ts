import { join } from 'node:path';
import type { Benchmark, BenchmarkContext, BenchmarkResult } from './benchmark.ts';
import { Server } from './net/server.ts';
import type { Run } from './net/stage.ts';
import { Stage } from './net/stage.ts';
import type { Transport } from './net/subscriber.ts';
import { joinResults, median, percent } from './net/summary.ts';

interface Rooms {
  readonly name: string;
  readonly users: number;
  readonly roomSize: number;
  /** So few changes that each is told before the next one comes. */
  readonly alonePerSecond: number;
  /** At saturation so many requests of so many changes are always under way: some ten changes in each room. */
  readonly saturation: { readonly requests: number; readonly eventsPerRequest: number };
}

const ROOMS: readonly Rooms[] = [
  {
    name: 'one room of 1,000',
    users: 1_000,
    roomSize: 1_000,
    alonePerSecond: 30,
    saturation: { requests: 2, eventsPerRequest: 15 },
  },
  {
    name: '20 rooms of 50',
    users: 1_000,
    roomSize: 50,
    alonePerSecond: 300,
    saturation: { requests: 4, eventsPerRequest: 75 },
  },
];
const QUICK_ROOMS: readonly Rooms[] = [
  {
    name: 'one room of 20',
    users: 20,
    roomSize: 20,
    alonePerSecond: 30,
    saturation: { requests: 2, eventsPerRequest: 10 },
  },
];

const BARE = 'bare node:http';
const ALONE_PER_CORE_MIN = 100_000;
const COALESCED_PER_CORE_MIN = 600_000;
const P99_MS_MAX = 100;

export const fanout: Benchmark = {
  name: 'fanout',
  summary: 'changes told to all who see them: one room of 1,000, and 20 of 50, each change alone and at saturation',
  async run(context) {
    const results: BenchmarkResult[] = [];
    for (const rooms of context.isQuick ? QUICK_ROOMS : ROOMS) {
      results.push(await measure(context, rooms));
    }
    return joinResults(results);
  },
};

interface Contender {
  readonly name: string;
  readonly transport: Transport;
  readonly start: (directory: string) => Promise<Server>;
}

const CONTENDERS: readonly Contender[] = [
  { name: 'SSE', transport: 'sse', start: (directory) => Server.embedded(directory) },
  { name: 'WebSocket', transport: 'websocket', start: (directory) => Server.embedded(directory) },
  { name: BARE, transport: 'sse', start: () => Server.bare() },
];

/** Each has its server for each run: a WebSocket that never answers a ping is cut off after a minute. */
async function measure(context: BenchmarkContext, rooms: Rooms): Promise<BenchmarkResult> {
  const alone = new Map<string, Run[]>();
  const saturated = new Map<string, Run[]>();
  for (let run = 1; run <= context.runs; run++) {
    for (const contender of CONTENDERS) {
      context.say(`fanout: ${rooms.name}, ${contender.name}, run ${run} of ${context.runs}`);
      const runs = await measureOne(context, rooms, contender, run);
      alone.set(contender.name, [...(alone.get(contender.name) ?? []), runs.alone]);
      saturated.set(contender.name, [...(saturated.get(contender.name) ?? []), runs.saturated]);
    }
  }
  const bare = alone.get(BARE) ?? [];
  return joinResults([
    ...[...alone].map(([name, runs]) =>
      aloneResult(`${rooms.name}, ${name}`, rooms.roomSize, runs, name === BARE ? null : bare),
    ),
    ...[...saturated].map(([name, runs]) => saturatedResult(`${rooms.name}, ${name}`, runs, name === BARE)),
  ]);
}

async function measureOne(
  { directory, isQuick }: BenchmarkContext,
  { users, roomSize, alonePerSecond, saturation }: Rooms,
  { transport, start }: Contender,
  run: number,
): Promise<{ alone: Run; saturated: Run }> {
  const ms = isQuick ? 300 : 4_000;
  const paced = { perSecond: alonePerSecond, requests: 16, eventsPerRequest: 1, ms };
  const full = { ...saturation, perSecond: null, ms };
  const server = await start(join(directory, `fanout-${roomSize}-${transport}-${run}`));
  const stage = await Stage.set(server, { users, roomSize, transport });
  try {
    await stage.run({ ...full, ms: ms / 4 }); // a warm-up
    return { alone: await stage.run(paced), saturated: await stage.run(full) };
  } finally {
    await stage.end();
  }
}

function aloneResult(
  what: string,
  roomSize: number,
  runs: readonly Run[],
  bare: readonly Run[] | null,
): BenchmarkResult {
  const perCore = runs.map(perServerCore);
  const ratios = perCore.map((rate, run) => rate / perServerCore(bare?.[run] ?? (runs[run] as Run)));
  return {
    measurements: [
      { what: `${what}, each alone`, unit: 'deliveries/s a core', values: perCore },
      { what: `${what}, each alone: p99`, unit: 'ms', values: runs.map(({ told }) => told.p99) },
      ...(bare === null ? [] : [{ what: `${what}, each alone: to ${BARE}`, unit: 'times', values: ratios }]),
    ],
    goals:
      bare === null
        ? []
        : [
            {
              text: `${what}, each alone: at least ${ALONE_PER_CORE_MIN} deliveries/s a core`,
              value: median(perCore),
              isReached: median(perCore) >= ALONE_PER_CORE_MIN,
            },
          ],
    notes: [
      `${what}, each alone: ${percent(runs.map(({ told, changes }) => told.count / (changes * roomSize)))} of all changes ` +
        `were told by themselves; ${loads(runs)}`,
    ],
  };
}

function saturatedResult(what: string, runs: readonly Run[], isBare: boolean): BenchmarkResult {
  const perCore = median(runs.map(perServerCore));
  const p99 = median(runs.map(({ told }) => told.p99));
  return {
    measurements: [
      {
        what: `${what}, saturated`,
        unit: 'deliveries/s',
        values: runs.map(({ told, ms }) => (told.count * 1_000) / ms),
      },
      { what: `${what}, saturated`, unit: 'deliveries/s a core', values: runs.map(perServerCore) },
      { what: `${what}, saturated: p99`, unit: 'ms', values: runs.map(({ told }) => told.p99) },
      { what: `${what}, saturated`, unit: 'changes/s', values: runs.map(({ changes, ms }) => (changes * 1_000) / ms) },
    ],
    goals: isBare
      ? []
      : [
          {
            text: `${what}, saturated: at least ${COALESCED_PER_CORE_MIN} deliveries/s a core`,
            value: perCore,
            isReached: perCore >= COALESCED_PER_CORE_MIN,
          },
          { text: `${what}, saturated: p99 under ${P99_MS_MAX} ms`, value: p99, isReached: p99 < P99_MS_MAX },
        ],
    notes: [`${what}, saturated: ${loads(runs)}`],
  };
}

/** For each second of processor time that the server took, for everything from the request to the last delivery. */
function perServerCore({ told, serverCpuMs }: Run): number {
  return (told.count * 1_000) / serverCpuMs;
}

function loads(runs: readonly Run[]): string {
  const server = percent(runs.map((run) => run.serverCpuMs / run.ms));
  return `the server took ${server} of a core, the load side ${percent(runs.map((run) => run.loadShare))} of the machine.`;
}
