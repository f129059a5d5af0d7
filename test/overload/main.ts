import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killProcesses } from '../support/source-process.ts';
import { kafkaStage } from './kafka-stage.ts';
import { lmdbStage } from './lmdb-stage.ts';
import { failuresOf, rowsOf } from './outcome.ts';
import { overload } from './run.ts';

/** `npm run overload`: what becomes of a system that is offered five times what it can take, and whether it is well again. */
const BOUNDS = { memoryMibMax: 1_024, stormMsMax: 60_000, recoveryMsMax: 10_000, freshMsMax: 1_000 };

const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'lmdb' },
    seconds: { type: 'string', default: '120' },
    factor: { type: 'string', default: '5' },
    streams: { type: 'string', default: '2000' },
    slow: { type: 'string', default: '50' },
    connections: { type: 'string', default: '1000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(
    'npm run overload -- [--log lmdb|kafka] [--seconds N] [--factor N] [--streams N] [--slow N] [--connections N]\n',
  );
  process.exit(0);
}

const directory = mkdtempSync(join(tmpdir(), 'presently-overload-'));
const stage = values.log === 'kafka' ? await kafkaStage() : await lmdbStage(directory);
let failures: string[];
try {
  const outcome = await overload(stage, {
    seconds: Number(values.seconds),
    measureSeconds: 10,
    factor: Number(values.factor),
    perSMin: 0,
    connections: Number(values.connections),
    streams: Number(values.streams),
    slow: Number(values.slow),
  });
  for (const [name, value] of rowsOf(outcome)) process.stdout.write(`${name.padEnd(30)} ${value}\n`);
  failures = failuresOf(outcome, BOUNDS);
} finally {
  await stage.dispose();
  await killProcesses();
  rmSync(directory, { recursive: true, force: true });
}
for (const failure of failures) process.stdout.write(`It does not hold: ${failure}\n`);
process.exit(failures.length === 0 ? 0 : 1);
