import { join } from 'node:path';
import { sleep } from '#runtime/clock/clock';
import { systemClock } from '#runtime/clock/system-clock';
import type { Benchmark, BenchmarkContext } from './benchmark.ts';
import type { Usage } from './net/app.ts';
import { App } from './net/app.ts';
import { Crowd } from './net/crowd.ts';
import { Server } from './net/server.ts';
import { userIds } from './net/stage.ts';
import { median } from './net/summary.ts';

const KIB_MAX = 12;
const CPU_PERCENT_MAX = 3;
/** What opening them has left behind is over. */
const SETTLE_MS = 5_000;
const IDLE_MS = 20_000;

/** What open streams take of a server. */
interface Idle {
  readonly kibEach: number;
  readonly cpuPercent: number;
}

export const connections: Benchmark = {
  name: 'connections',
  summary: '15,000 open streams on which nothing happens: memory of each, and processor time, beside bare node:http',
  async run(context) {
    const count = context.isQuick ? 50 : 15_000;
    const ours: Idle[] = [];
    const bare: Idle[] = [];
    for (let run = 1; run <= context.runs; run++) {
      context.say(`connections: ${count}, run ${run} of ${context.runs}`);
      const server = await Server.embedded(join(context.directory, `connections-${run}`));
      ours.push(await measure(context, count, server, server.deliveryUrl));
      const app = await App.start('./bare-streams-process', []);
      bare.push(await measure(context, count, app, app.url));
    }
    const kib = ours.map(({ kibEach }) => kibEach);
    const cpu = ours.map(({ cpuPercent }) => cpuPercent);
    return {
      measurements: [
        { what: 'a stream', unit: 'KiB', values: kib },
        { what: 'a stream of bare node:http', unit: 'KiB', values: bare.map(({ kibEach }) => kibEach) },
        { what: `all ${count} of them`, unit: '% of a core', values: cpu },
        {
          what: `all ${count} of bare node:http`,
          unit: '% of a core',
          values: bare.map(({ cpuPercent }) => cpuPercent),
        },
      ],
      goals: [
        { text: `a stream takes less than ${KIB_MAX} KiB`, value: median(kib), isReached: median(kib) < KIB_MAX },
        {
          text: `all take less than ${CPU_PERCENT_MAX} % of a core`,
          value: median(cpu),
          isReached: median(cpu) < CPU_PERCENT_MAX,
        },
      ],
      notes: [
        'Memory is what the process holds more than before (resident), the presence of as many users in projector and delivery included.',
      ],
    };
  },
};

async function measure(
  { isQuick }: BenchmarkContext,
  count: number,
  server: { usage(): Promise<Usage>; stop(): Promise<void> },
  url: string,
): Promise<Idle> {
  const crowd = new Crowd();
  try {
    const before = await server.usage();
    await crowd.open({ url, transport: 'sse', users: userIds(count) });
    await sleep(systemClock, isQuick ? 100 : SETTLE_MS);
    const opened = await server.usage();
    const startedAt = systemClock.elapsed();
    await sleep(systemClock, isQuick ? 500 : IDLE_MS);
    const idle = await server.usage();
    const seconds = (systemClock.elapsed() - startedAt) / 1_000;
    return {
      kibEach: (idle.residentBytes - before.residentBytes) / 1_024 / count,
      cpuPercent: (100 * (idle.cpuSeconds - opened.cpuSeconds)) / seconds,
    };
  } finally {
    await crowd.end();
    await server.stop();
  }
}
