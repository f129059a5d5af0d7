import { parseArgs } from 'node:util';
import type { Mode } from '../support/hostile/hostile-server.ts';
import { HostileServer, MODES } from '../support/hostile/hostile-server.ts';
import { killProcesses } from '../support/source-process.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    mode: { type: 'string', default: 'dev' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(
    'npm run fuzz -- [--count N] [--seed N] [--mode dev|jwt|matrix]\n\n' +
      'Starts a server, sends it N requests as no client should, and says what is wrong with the answers.\n',
  );
  process.exit(0);
}
const mode = MODES.find((name) => name === values.mode) ?? fail(`There is no mode ${values.mode}.`);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);

process.exit(await run(mode));

async function run(how: Mode): Promise<number> {
  const hostile = await HostileServer.start(how, { PRESENTLY_REFUSED_TOKENS_PER_S: '0' });
  try {
    const before = await hostile.inspector.memory();
    const statuses = await fuzz(hostile, Number(values.count), seed, (sent) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${sent} of ${values.count}`);
    });
    const after = await hostile.inspector.memory();
    const told = [...statuses].sort(([one], [other]) => one - other).map(([status, times]) => `${status}: ${times}`);
    const mb = ({ heapUsed, rss }: typeof before): string =>
      `${Math.round(heapUsed / 1e6)} MB heap, ${Math.round(rss / 1e6)} MB`;
    process.stdout.write(`seed ${seed} holds; ${told.join(', ')}; ${mb(before)} before, ${mb(after)} after\n`);
    return 0;
  } catch (error) {
    process.stdout.write(`seed ${seed} fails:\n${(error as Error).message}\n`);
    return 1;
  } finally {
    process.stdout.write((await hostile.faults()).map((fault) => `${fault}\n`).join(''));
    await killProcesses();
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
