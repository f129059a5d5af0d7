import { parseArgs } from 'node:util';
import type { Mode } from '../support/hostile/hostile-server.ts';
import { HostileServer, MODES } from '../support/hostile/hostile-server.ts';
import { killProcesses } from '../support/source-process.ts';
import { fuzzCodecs } from './codecs.ts';
import { fuzzFold } from './fold.ts';
import { fuzz } from './fuzz.ts';
import { fuzzTokens } from './tokens.ts';

/** Those that need no server: each says what it has done. */
const IN_PROCESS = { fold: fuzzFold, codecs: fuzzCodecs, tokens: fuzzTokens };

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'http' },
    count: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    mode: { type: 'string', default: 'dev' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(
    'npm run fuzz -- [--target fold|codecs|tokens|http] [--count N] [--seed N] [--mode dev|jwt|matrix]\n\n' +
      'http, which is the default: starts a server, sends it N requests as no client should, and says what is wrong with\n' +
      'the answers. fold: folds N records, good and bad. codecs: reads and writes N records and values. tokens: opens N\n' +
      'resume tokens and filter ids, changed and made up.\n',
  );
  process.exit(0);
}
const mode = MODES.find((name) => name === values.mode) ?? fail(`There is no mode ${values.mode}.`);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const count = Number(values.count);

process.exit(await run());

async function run(): Promise<number> {
  const from = Date.now();
  try {
    const told = await runTarget(values.target);
    process.stdout.write(`seed ${seed} holds; ${told}; ${Math.round((Date.now() - from) / 1_000)} s\n`);
    return 0;
  } catch (error) {
    process.stdout.write(`seed ${seed} fails:\n${(error as Error).message}\n`);
    return 1;
  }
}

function runTarget(target: string): Promise<string> | string {
  switch (target) {
    case 'http':
      return overHttp(mode);
    case 'fold':
    case 'codecs':
    case 'tokens':
      return Object.entries(IN_PROCESS[target](count, seed, showProgress))
        .map(([what, times]) => `${what}: ${String(times)}`)
        .join(', ');
    default:
      return fail(`There is no target ${target}.`);
  }
}

async function overHttp(how: Mode): Promise<string> {
  const hostile = await HostileServer.start(how, { PRESENTLY_REFUSED_TOKENS_PER_S: '0' });
  try {
    const before = await hostile.inspector.memory();
    const statuses = await fuzz(hostile, count, seed, showProgress);
    const after = await hostile.inspector.memory();
    const told = [...statuses].sort(([one], [other]) => one - other).map(([status, times]) => `${status}: ${times}`);
    const mb = ({ heapUsed, rss }: typeof before): string =>
      `${Math.round(heapUsed / 1e6)} MB heap, ${Math.round(rss / 1e6)} MB`;
    return `${told.join(', ')}; ${mb(before)} before, ${mb(after)} after`;
  } finally {
    process.stdout.write((await hostile.faults()).map((fault) => `${fault}\n`).join(''));
    await killProcesses();
  }
}

function showProgress(done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${values.count}`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
