import { parseArgs } from 'node:util';
import { check } from './checks.ts';
import { Tally } from './tally.ts';
import { World } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    tally: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(
    'npm run sim -- [--seed N] [--count K] [--tally]\n\n' +
      'Runs K worlds, from seed N on, and says what is wrong. With --tally also what has happened in them, as JSON.\n',
  );
  process.exit(0);
}

const tally = new Tally();
let failed = 0;
const first = Number(values.seed);
const count = Number(values.count);
for (let seed = first; seed < first + count; seed++) {
  const world = new World(seed);
  const faults = await world.run().then(
    () => check(world),
    (error: unknown) => [String(error)],
  );
  tally.add(world);
  if (faults.length > 0) {
    failed++;
    process.stdout.write(
      `seed ${seed} fails; replay it with: npm run sim -- --seed ${seed}\n  ${faults.join('\n  ')}\n`,
    );
  } else if (process.stderr.isTTY) process.stderr.write(`\r${seed - first + 1} of ${count}\r`);
}
if (values.tally) process.stdout.write(`${JSON.stringify(tally)}\n`);
process.stdout.write(`${count - failed} held, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
