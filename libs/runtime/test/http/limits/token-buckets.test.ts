import { TokenBuckets } from '#runtime/http/limits/token-buckets';
import { MovableClock } from '../../../../../test/support/movable-clock.ts';

let clock: MovableClock;
beforeEach(() => {
  clock = new MovableClock();
});

/** What each of so many takes answers. */
const takes = (buckets: TokenBuckets, count: number, key = 'a'): number[] =>
  Array.from({ length: count }, () => buckets.take(key));

test('a burst, then by the rate, and the wait says when', () => {
  const buckets = new TokenBuckets(clock, 10, 3);
  expect(takes(buckets, 5)).toEqual([0, 0, 0, 100, 100]);
  clock.move(99);
  expect(takes(buckets, 1)).toEqual([1]);
  clock.move(1);
  expect(takes(buckets, 2)).toEqual([0, 100]);
  clock.move(250);
  expect(takes(buckets, 3)).toEqual([0, 0, 50]);
});

test('a rate below one a second', () => {
  const buckets = new TokenBuckets(clock, 0.1, 1);
  expect(takes(buckets, 2)).toEqual([0, 10_000]);
  clock.move(10_000);
  expect(takes(buckets, 2)).toEqual([0, 10_000]);
});

test('keys do not share', () => {
  const buckets = new TokenBuckets(clock, 1, 1);
  expect([buckets.take('a'), buckets.take('b'), buckets.take('a'), buckets.take('b')]).toEqual([0, 0, 1_000, 1_000]);
});

test('to ask for the wait takes nothing', () => {
  const buckets = new TokenBuckets(clock, 1, 1);
  expect([buckets.wait('a'), buckets.wait('a'), buckets.size]).toEqual([0, 0, 0]);
  buckets.take('a');
  expect([buckets.wait('a'), buckets.wait('a')]).toEqual([1_000, 1_000]);
});

test('what is charged afterwards can be owed, up to a burst', () => {
  const buckets = new TokenBuckets(clock, 1, 2);
  for (let i = 0; i < 3; i++) buckets.charge('a');
  expect(buckets.wait('a')).toBe(2_000);
  for (let i = 0; i < 100; i++) buckets.charge('a');
  expect(buckets.wait('a')).toBe(3_000);
});

test('full buckets are dropped', () => {
  const buckets = new TokenBuckets(clock, 1, 10);
  for (let i = 0; i < 1_000; i++) buckets.take(`early ${i}`);
  clock.move(500);
  for (let i = 0; i < 1_000; i++) buckets.take(`late ${i}`);
  expect(buckets.size).toBe(2_000);
  clock.move(500);
  buckets.take('x');
  expect(buckets.size).toBe(1_001);
  clock.move(60_000);
  buckets.take('x');
  expect(buckets.size).toBe(1);
});

test('of more than the most, the one that was used longest ago is dropped, full or not', () => {
  const buckets = new TokenBuckets(clock, 1, 1, 3);
  for (const key of ['a', 'b', 'c']) buckets.take(key);
  buckets.charge('a');
  buckets.take('d');
  expect(buckets.size).toBe(3);
  expect(['a', 'c', 'd'].map((key) => buckets.wait(key))).toEqual([2_000, 1_000, 1_000]);
  expect(buckets.wait('b')).toBe(0);
});

test('a clock that is set back gives nothing, and takes nothing', () => {
  const buckets = new TokenBuckets(clock, 1, 2);
  takes(buckets, 2);
  clock.set(-60_000);
  expect(takes(buckets, 1)).toEqual([1_000]);
  clock.move(1_000);
  expect(takes(buckets, 2)).toEqual([0, 1_000]);
});
