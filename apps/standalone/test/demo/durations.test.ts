import { SeededRandom } from '#runtime/clock/seeded-random';
import { draw, drawRest } from '#standalone/demo/durations';

const DRAWS = 20_000;
const duration = { medianMs: 10_000, spread: 2 };

function drawn(one: (random: SeededRandom) => number): number[] {
  const random = new SeededRandom(7);
  return Array.from({ length: DRAWS }, () => one(random)).sort((a, b) => a - b);
}

test('durations lie around their median, two of three within the spread, and none far beyond', () => {
  const all = drawn((random) => draw(random, duration));
  expect(Math.abs((all[DRAWS / 2] ?? 0) - 10_000)).toBeLessThan(400);
  const within = all.filter((ms) => ms > 5_000 && ms < 20_000).length / DRAWS;
  expect(within).toBeGreaterThan(0.62);
  expect(within).toBeLessThan(0.72);
  expect(all[0]).toBeGreaterThanOrEqual(10_000 / 8);
  expect(all.at(-1)).toBeLessThanOrEqual(80_000);
  expect(all.every(Number.isInteger)).toBe(true);
});

test('what is left of one is shorter, and never nothing', () => {
  const rest = drawn((random) => drawRest(random, duration));
  expect(rest[DRAWS / 2]).toBeLessThan(6_000);
  expect(drawn((random) => drawRest(random, { medianMs: 1, spread: 1 }))[0]).toBe(1);
});
