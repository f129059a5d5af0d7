import { join } from 'node:path';
import type { Benchmark, BenchmarkContext, BenchmarkResult } from './benchmark.ts';
import { Server } from './net/server.ts';
import type { Run } from './net/stage.ts';
import { Stage } from './net/stage.ts';
import { joinResults, median, percent } from './net/summary.ts';

const REQUESTS = 16;

type LogName = 'embedded' | 'Kafka';

const QUANTILES = ['p50', 'p99', 'p999'] as const;
/** By log and changes a second: 99 of 100 have to be told within so many milliseconds. */
const GOALS_MS: Readonly<Record<LogName, Readonly<Record<number, number>>>> = {
  embedded: { 100: 50, 1_000: 200 },
  Kafka: { 100: 100 },
};

export const latency: Benchmark = {
  name: 'latency',
  summary: 'from activity at ingest to m.presence at a subscriber, with 1,000 subscribers in rooms of 100',
  async run(context) {
    const { brokers, directory } = context;
    const embedded = await measure(context, 'embedded', await Server.embedded(join(directory, 'latency')));
    if (brokers === null)
      return joinResults([
        embedded,
        { measurements: [], goals: [], notes: ['Kafka was left out: KAFKA_BROKERS is not set.'] },
      ]);
    return joinResults([embedded, await measure(context, 'Kafka', await Server.onKafka(brokers))]);
  },
};

async function measure(context: BenchmarkContext, log: LogName, server: Server): Promise<BenchmarkResult> {
  const { isQuick } = context;
  const [users, roomSize, ms] = isQuick ? [20, 10, 300] : [1_000, 100, 8_000];
  const rates = isQuick ? [10, 100] : [10, 100, 1_000];
  const stage = await Stage.set(server, { users, roomSize, transport: 'sse' });
  try {
    const results: BenchmarkResult[] = [];
    for (const perSecond of rates) {
      const runs: Run[] = [];
      for (let run = 0; run <= context.runs; run++) {
        context.say(`latency, ${log}: ${perSecond} changes/s, run ${run} of ${context.runs}`);
        runs.push(await stage.run({ perSecond, requests: REQUESTS, eventsPerRequest: 1, ms }));
      }
      results.push(resultOf(log, perSecond, roomSize, runs.slice(1)));
    }
    return joinResults(results);
  } finally {
    await stage.end();
  }
}

function resultOf(log: LogName, perSecond: number, roomSize: number, runs: readonly Run[]): BenchmarkResult {
  const what = `${log}, ${perSecond} changes/s`;
  const deliveries = runs.map(({ told, changes, ms }) => ({
    perSecond: (told.count * 1_000) / ms,
    of: changes * roomSize,
    told: told.count,
  }));
  const goalMs = GOALS_MS[log][perSecond];
  const p99 = median(runs.map(({ told }) => told.p99));
  return {
    measurements: [
      ...QUANTILES.map((q) => ({ what: `${what}: ${q}`, unit: 'ms', values: runs.map(({ told }) => told[q]) })),
      { what: `${what}: told`, unit: 'deliveries/s', values: deliveries.map(({ perSecond: rate }) => rate) },
    ],
    goals:
      goalMs === undefined ? [] : [{ text: `${what}: p99 under ${goalMs} ms`, value: p99, isReached: p99 < goalMs }],
    notes: [
      `${what}: the server took ${percent(runs.map((run) => run.serverCpuMs / run.ms))} of a core, the load side ` +
        `${percent(runs.map((run) => run.loadShare))} of the machine; ` +
        `${percent(deliveries.map(({ told, of }) => told / of))} of all changes were told by themselves, the others by a later one.`,
    ],
  };
}
