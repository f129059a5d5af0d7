import { spread } from '#runtime/clock/chance';

test('those who are told at once come back spread over three times the shortest wait', () => {
  const waits = Array.from({ length: 2_000 }, () => spread(1_000));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(4_000);
  for (let from = 1_000; from < 4_000; from += 500) {
    const share = waits.filter((ms) => ms >= from && ms < from + 500).length;
    expect(share).toBeGreaterThan(200); // a sixth is 333
    expect(share).toBeLessThan(470);
  }
});
