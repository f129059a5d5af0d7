import { jest } from '@jest/globals';
import { fuzzCodecs } from './codecs.ts';
import { fuzzFold } from './fold.ts';
import { fuzzTokens } from './tokens.ts';

jest.setTimeout(120_000);

const COUNT = 3_000;
const seed = Date.now() % 2 ** 31;

test('a record is folded, or is a dead letter that leaves everything as it was', () => {
  const { records, refused } = fuzzFold(COUNT, seed);
  // Neither all refused, nor nothing.
  expect(refused).toBeGreaterThan(records / 10);
  expect(refused).toBeLessThan((records * 2) / 3);
});

test('what is written is read again as it was, and what cannot be read is refused in words', () => {
  expect(Object.keys(fuzzCodecs(COUNT, seed))).toHaveLength(6);
});

test('a token that was changed in any way opens nothing', () => {
  expect(Object.keys(fuzzTokens(COUNT, seed))).toHaveLength(3);
});
