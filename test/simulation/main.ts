import { parseArgs } from 'node:util';
import { check } from './checks.ts';
import { World } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(
    'npm run sim -- [--seed N] [--count K]\n\nRuns K worlds, from seed N on, and says what is wrong.\n',
  );
  process.exit(0);
}

let failed = 0;
const first = Number(values.seed);
for (let seed = first; seed < first + Number(values.count); seed++) {
  const world = new World(seed);
  const faults = await world.run().then(
    () => check(world),
    (error: unknown) => [String(error)],
  );
  if (faults.length > 0) {
    failed++;
    process.stdout.write(
      `seed ${seed} fails; replay it with: npm run sim -- --seed ${seed}\n  ${faults.join('\n  ')}\n`,
    );
  } else if (values.count === '1') {
    process.stdout.write(`seed ${seed} holds: ${JSON.stringify(world.counts)}\n`);
  } else if (process.stderr.isTTY) process.stderr.write(`\r${seed - first + 1} of ${values.count}`);
}
process.stdout.write(`${Number(values.count) - failed} held, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
