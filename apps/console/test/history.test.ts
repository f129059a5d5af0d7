import { expect, test } from '@jest/globals';
import { entryAt, entryKind, entryText, startOf } from '../src/me/history.ts';

const entry = (ts: number, status_msg: string) =>
  ({ ts, presence: 'online', currently_active: ts % 2 === 0, status_msg, why: '' }) as const;
const entries = [entry(10_000, 'a'), entry(20_000, 'b'), entry(20_000, 'c')];
const history = { before: entry(1, 'before'), entries, truncated: false };

test('at any time the last entry up to then holds, and before the first what was before', () => {
  const at = (time: number): unknown => entryAt(history, time)?.status_msg;
  expect([9_999, 10_000, 19_999, 20_000, 99_999].map(at)).toEqual(['before', 'a', 'a', 'c', 'c']);
  expect(entryAt({ ...history, before: null }, 0)).toBeNull();
});

test('an entry in words, and its colour', () => {
  const told = [entry(2, 'here'), entry(1, 'there'), null].map((one) => [entryText(one), entryKind(one)]);
  expect(told).toEqual([
    ['Online, active: here', 'active'],
    ['Online: there', 'online'],
    ['Offline', 'offline'],
  ]);
});

test('a span begins where something is known', () => {
  expect(startOf(history, 5_000)).toBe(5_000);
  expect(startOf({ ...history, before: null }, 5_000)).toBe(9_000);
  expect(startOf({ ...history, before: null }, 9_500)).toBe(9_500);
  expect(startOf({ ...history, truncated: true }, 5_000)).toBe(10_000);
  expect(startOf({ before: null, entries: [], truncated: false }, 5_000)).toBe(5_000);
});
