import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import type { Benchmark, BenchmarkContext, BenchmarkResult } from './benchmark.ts';
import { App } from './net/app.ts';
import { CLI } from './net/child.ts';
import { Crowd } from './net/crowd.ts';
import type { PostReport } from './net/crowd-calls.ts';
import type { LogUnderTest } from './net/log-under-test.ts';
import { embeddedLog, kafkaLog } from './net/log-under-test.ts';
import { SETTINGS } from './net/server.ts';
import { userIds } from './net/stage.ts';
import { joinResults, median, percent } from './net/summary.ts';

/** Events of a request, and how many requests are under way at once. */
const SHAPES = [
  { events: 1, requests: 64 },
  { events: 100, requests: 8 },
  { events: 1_000, requests: 4 },
] as const;
const USERS = 10_000;
const RUN_MS = 4_000;

type LogName = 'embedded' | 'Kafka';
type Server = 'bare' | 'ingest' | 'standalone';

/** One load on each server, one after the other. */
type Round = ReadonlyMap<Server, PostReport>;

export const ingest: Benchmark = {
  name: 'ingest',
  summary: 'POST /v1/events with 1, 100 and 1,000 events, against a bare route that parses JSON and appends the same',
  async run(context) {
    const { brokers, directory } = context;
    const logs = (name: string): Promise<LogUnderTest> => embeddedLog(join(directory, name));
    const embedded = await measure(context, 'embedded', logs, ['bare', 'ingest', 'standalone']);
    if (brokers === null)
      return joinResults([
        embedded,
        { measurements: [], goals: [], notes: ['Kafka was left out: KAFKA_BROKERS is not set.'] },
      ]);
    return joinResults([embedded, await measure(context, 'Kafka', () => kafkaLog(brokers), ['bare', 'ingest'])]);
  },
};

async function measure(
  context: BenchmarkContext,
  logName: LogName,
  makeLog: (name: string) => Promise<LogUnderTest>,
  names: readonly Server[],
): Promise<BenchmarkResult> {
  const { runs, isQuick } = context;
  const crowd = new Crowd();
  const servers: { readonly name: Server; readonly log: LogUnderTest; readonly app: App; taken: number }[] = [];
  const results: BenchmarkResult[] = [];
  try {
    for (const name of names) {
      const log = await makeLog(`ingest-${name}`);
      servers.push({ name, log, app: await start(name, logName, log), taken: 0 });
    }
    for (const shape of SHAPES) {
      const rounds: Round[] = [];
      for (let run = 0; run <= runs; run++) {
        context.say(`ingest, ${logName}: ${shape.events} events a request, run ${run} of ${runs}`);
        const round = new Map<Server, PostReport>();
        for (const server of servers) {
          const { url } = server.app;
          const { events: eventsPerRequest, requests } = shape;
          const ms = isQuick ? 200 : RUN_MS;
          const report = await crowd.post({ url, users: userIds(USERS), eventsPerRequest, requests, ms });
          server.taken += report.events;
          round.set(server.name, report);
        }
        rounds.push(round);
      }
      results.push(resultOf(logName, shape.events, names, rounds.slice(1)));
    }
  } finally {
    await crowd.end();
    await Promise.all(servers.map(({ app }) => app.stop()));
  }
  // Beside events that were posted, standalone's log has those that it writes itself.
  const counted = servers.filter(({ name }) => name !== 'standalone');
  const missing = await Promise.all(counted.map(async ({ log, taken }) => taken - (await log.count())));
  const lost = missing.reduce((sum, count) => sum + Math.abs(count), 0);
  const goal = { text: `${logName}: nothing lost, nothing twice`, value: lost, isReached: lost === 0 };
  return joinResults([...results, { measurements: [], goals: [goal] }]);
}

function start(name: Server, logName: LogName, { args, env }: LogUnderTest): Promise<App> {
  if (name === 'bare') return App.start('./bare-ingest-process', args, env);
  const settings = { ...env, ...SETTINGS };
  // It makes its log itself, with its settings.
  if (name === 'standalone') return App.start(CLI, ['standalone', '--port', '0', '--data', `${args[0]}-own`], settings);
  if (logName === 'Kafka') return App.start(CLI, ['ingest', '--port', '0'], settings);
  return App.start('./lone-ingest-process', args, settings);
}

function resultOf(
  logName: LogName,
  events: number,
  names: readonly Server[],
  rounds: readonly Round[],
): BenchmarkResult {
  const what = `${logName}, ${events} events a request`;
  const rates = (name: Server): number[] => rounds.map((round) => rateOf(round.get(name)));
  const ratios = rounds.map((round) => rateOf(round.get('ingest')) / rateOf(round.get('bare')));
  const min = logName === 'embedded' && events === 1_000 ? 0.5 : 0.7;
  return {
    measurements: [
      ...names.map((name) => ({ what: `${what}: ${name}`, unit: 'events/s', values: rates(name) })),
      { what: `${what}: ingest to bare`, unit: 'times', values: ratios },
      {
        what: `${what}: ingest, p99 of a request`,
        unit: 'ms',
        values: rounds.map((round) => round.get('ingest')?.answered.p99 ?? Number.NaN),
      },
    ],
    goals: [
      { text: `${what}: at least ${min} of the bare route`, value: median(ratios), isReached: median(ratios) >= min },
    ],
    notes: names.map((name) => {
      const shares = rounds.map((round) => loadShare(round.get(name)));
      return `${what}: the load on ${name} took ${percent(shares)} of the machine.`;
    }),
  };
}

function rateOf(report: PostReport | undefined): number {
  return report === undefined ? Number.NaN : (report.events * 1_000) / report.ms;
}

function loadShare(report: PostReport | undefined): number {
  return report === undefined ? Number.NaN : report.cpuMs / report.ms / availableParallelism();
}
