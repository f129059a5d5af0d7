import { TokenCache } from '#runtime/auth/token-cache';
import { MovableClock } from '../../../../test/support/movable-clock.ts';

const clock = new MovableClock();

test('an entry holds for its time', () => {
  const cache = new TokenCache<string>(clock, 10);
  cache.set('a', 'alice', 1_000);
  cache.set('b', 'bob', 2_000);
  clock.move(999);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['alice', 'bob', undefined]);
  clock.move(1);
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 'bob']);
  expect(cache.size).toBe(1);
  cache.set('b', 'bob again', 500);
  clock.move(499);
  expect(cache.get('b')).toBe('bob again');
});

test('of more than the most, the one that was used longest ago is dropped', () => {
  const cache = new TokenCache<number>(clock, 3);
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index, 1_000);
  cache.get('a');
  cache.set('d', 3, 1_000);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([0, undefined, 2, 3]);
});

test('it does not keep the token', () => {
  expect(TokenCache.key('syt_secret')).toMatch(/^[\w+/]{43}=$/);
  expect(TokenCache.key('syt_secret')).not.toBe(TokenCache.key('syt_secret2'));
});
