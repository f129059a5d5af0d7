import type { Position } from '#domain/state';
import type { Held } from '#delivery/tie-span';
import { and, heldAt, MAYBE, NO, spanOf, stands, YES } from '#delivery/tie-span';

const at = (offset: number, step = 0): Position => ({ offset, step });

/** A span that began at 10, or from 10 to before 20, or was there before, from 2 to before 6. */
const STANDS = { since: at(10), until: null, earlier: null };
const ENDED = { since: at(10), until: at(20), earlier: null };
const AGAIN = { since: at(10), until: null, earlier: { since: at(2), until: at(6) } };

describe('whether a relation held for a reader who has read all before a position', () => {
  const cases: [string, typeof STANDS | typeof ENDED | typeof AGAIN, Position, Held][] = [
    ['before it began', STANDS, at(9), NO],
    ['at its beginning, which the reader has not seen', STANDS, at(10), NO],
    ['just after it began', STANDS, at(10, 1), YES],
    ['long after', STANDS, at(1_000), YES],
    ['before it ended', ENDED, at(19), YES],
    ['at its end, which the reader has not seen', ENDED, at(20), YES],
    ['just after it ended', ENDED, at(20, 1), NO],
    ['before the stretch in which it was there earlier', AGAIN, at(2), NO],
    ['at the first step of that stretch', AGAIN, at(2, 1), MAYBE],
    ['in that stretch', AGAIN, at(4), MAYBE],
    ['at its last end, which the reader has not seen', AGAIN, at(6), MAYBE],
    ['after that', AGAIN, at(6, 1), NO],
    ['when it has begun anew', AGAIN, at(11), YES],
  ];

  test.each(cases)('%s', (_, span, cursor, held) => {
    expect(heldAt(span, cursor)).toBe(held);
  });
});

test('two hold together as much as the one that holds less', () => {
  expect([and(YES, YES), and(YES, MAYBE), and(MAYBE, NO), and(NO, YES)]).toEqual([YES, MAYBE, NO, NO]);
});

test('a span is what the record says', () => {
  const record = { kind: 'member', room_id: '!r:x', user_id: '@a:x', until_ts: 5 } as const;
  const ended = spanOf({
    ...record,
    since: [3, 1],
    until: [4, 0],
    earlier: [
      [1, 0],
      [2, 0],
    ],
  });
  expect(ended).toEqual({ since: at(3, 1), until: at(4), earlier: { since: at(1), until: at(2) } });
  const standing = spanOf({ ...record, since: [3, 1], until: null, earlier: null });
  expect([stands(standing), stands(ended), stands(undefined)]).toEqual([true, false, false]);
});
