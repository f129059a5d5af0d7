import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killProcesses } from '../support/source-process.ts';
import { traceFile } from '../support/trace.ts';
import { Chaos } from './chaos.ts';
import { KafkaStage } from './kafka-stage.ts';
import { LmdbStage } from './lmdb-stage.ts';
import { planFor } from './plan.ts';

const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'kafka' },
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '20' },
    'broker-kills': { type: 'string', default: '2' },
    minutes: { type: 'string', default: '1' },
    rate: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(
    'npm run chaos -- [--log kafka|lmdb] [--seed N] [--kills N] [--broker-kills N] [--minutes M] [--rate N]\n',
  );
  process.exit(0);
}

const directory = mkdtempSync(join(tmpdir(), 'presently-chaos-'));
const seed = Number(values.seed);
const stage = values.log === 'lmdb' ? new LmdbStage(directory) : new KafkaStage(seed);
const plan = planFor(stage, {
  seed,
  kills: Number(values.kills),
  brokerKills: values.log === 'lmdb' ? 0 : Number(values['broker-kills']),
  minutes: Number(values.minutes),
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const chaos = new Chaos(stage, {
  seed,
  file: traceFile(),
  rate: Number(values.rate),
  plan,
  faultsPerPhase: 40,
  say,
});
let failures: string[];
try {
  failures = await chaos.run();
} finally {
  await stage.dispose();
  await killProcesses();
  rmSync(directory, { recursive: true, force: true });
}
if (failures.length > 0) say(`seed ${values.seed} does not hold:\n  ${failures.join('\n  ')}`);
process.exit(failures.length === 0 ? 0 : 1);
