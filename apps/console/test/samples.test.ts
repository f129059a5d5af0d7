import { expect, test } from '@jest/globals';
import { Samples } from '../src/plot/samples.ts';

test('samples that become too many are thinned, evenly and to the beginning', () => {
  const samples = new Samples(1, 8);
  for (let second = 0; second < 64; second++) samples.add(second * 1_000, [second]);
  const [times = [], values = []] = samples.columns;
  expect(values).toEqual(times);
  expect(times.length).toBeLessThan(8);
  expect(times.length).toBeGreaterThanOrEqual(4);
  expect(times[0]).toBe(0);
  const gaps = new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)));
  expect(gaps.size).toBe(1);
});
