import { check } from './checks.ts';
import { World } from './world.ts';

const SEEDS = 150;

describe('crashes, zombies, restarts, slow and cut clients change nothing', () => {
  const counts = { crashes: 0, zombies: 0, cuts: 0, resumes: 0, resets: 0 };

  test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))('npm run sim -- --seed %i', async (seed) => {
    const world = new World(seed);
    await world.run();
    expect(await check(world)).toEqual([]);
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += world.counts[name];
  });

  test('and the worlds were not tame', () => {
    expect(counts.crashes).toBeGreaterThan(SEEDS);
    expect(counts.zombies).toBeGreaterThan(SEEDS / 2);
    expect(counts.cuts).toBeGreaterThan(SEEDS);
    expect(counts.resumes).toBeGreaterThan(SEEDS);
  });
});
