import { jest } from '@jest/globals';
import { describeKafkaCluster } from '../support/kafka/describe-kafka.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { traceFile } from '../support/trace.ts';
import { Chaos } from './chaos.ts';
import { KafkaStage } from './kafka-stage.ts';
import { LmdbStage } from './lmdb-stage.ts';
import { planFor } from './plan.ts';
import type { Stage } from './stage.ts';

jest.setTimeout(400_000);
const directory = temporaryDirectory();
const SEED = 1;

/** A small run of what `npm run chaos` does. */
async function expectHolds(on: Stage, kills: number, brokerKills: number): Promise<void> {
  const plan = planFor(on, { seed: SEED, kills, brokerKills, minutes: 0.1 });
  const timeline: string[] = [];
  const file = traceFile();
  const say = (line: string): void => void timeline.push(line);
  const chaos = new Chaos(on, { seed: SEED, file, rate: 200, plan, faultsPerPhase: plan.length, say });
  try {
    const failures = await chaos.run();
    expect(failures.length === 0 ? [] : [...failures, ...timeline]).toEqual([]);
  } finally {
    await on.dispose(); // before the directory goes
  }
}

describeKafkaCluster('on three brokers', () => {
  test('all holds when a few processes and a broker are killed', () => expectHolds(new KafkaStage(SEED), 4, 1));
});

test('on the embedded log all holds when its process is killed, and its disk is full, and slow', () =>
  expectHolds(new LmdbStage(directory.path()), 3, 0));
