import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { Server } from './net/server.ts';
import { Stage } from './net/stage.ts';
import { median } from './net/summary.ts';

const SECONDS_MAX = 10;

export const storm: Benchmark = {
  name: 'storm',
  summary: 'all 5,000 clients, in rooms of 50, come back at once with their tokens, and are told what they missed',
  async run(context) {
    const { runs, isQuick, directory } = context;
    const crowding = {
      users: isQuick ? 40 : 5_000,
      roomSize: isQuick ? 10 : 50,
      transport: 'sse',
      keepTokens: true,
    } as const;
    const seconds: number[] = [];
    const p50: number[] = [];
    const failures: string[] = [];
    const stage = await Stage.set(await Server.embedded(join(directory, 'storm')), crowding);
    try {
      for (let run = 0; run <= runs; run++) {
        context.say(`storm: run ${run} of ${runs}`);
        const report = await stage.storm(crowding);
        failures.push(...report.failures);
        if (run === 0) continue; // a warm-up
        seconds.push(report.ms / 1_000);
        p50.push(report.caughtUp.p50 / 1_000);
      }
    } finally {
      await stage.end();
    }
    return {
      measurements: [
        { what: 'all caught up', unit: 's', values: seconds },
        { what: 'half of them caught up', unit: 's', values: p50 },
      ],
      goals: [
        {
          text: `all caught up in under ${SECONDS_MAX} s`,
          value: median(seconds),
          isReached: Math.max(...seconds) < SECONDS_MAX,
        },
        { text: 'no connection fails', value: failures.length, isReached: failures.length === 0 },
      ],
      notes: failures.length === 0 ? [] : [`Failures: ${failures.join(', ')}.`],
    };
  },
};
