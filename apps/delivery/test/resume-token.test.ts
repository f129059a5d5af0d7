import fc from 'fast-check';
import type { Place } from '#delivery/place';
import { ResumeTokens } from '#delivery/resume-token';

const KEY = Buffer.alloc(32, 1);
const USER = '@alice:example';
const tokens = new ResumeTokens(KEY, 'log');

const START: Place = { cursor: [], after: null };
const PLACES: Record<string, Place> = {
  'no partitions': START,
  'the beginning of four': { cursor: Array.from({ length: 4 }, () => ({ offset: 0, step: 0 })), after: null },
  'large positions': { cursor: [{ offset: Number.MAX_SAFE_INTEGER, step: 2 ** 32 - 1 }], after: null },
  'within a snapshot': { cursor: [{ offset: 7, step: 3 }], after: '@bob:example' },
  'within a snapshot, of no partitions': { cursor: [], after: '@bob:example' },
  'a user id that is not ASCII': { cursor: [{ offset: 7, step: 3 }], after: '@\u{1F600}～é\u0000:x' },
  'the longest user id': { cursor: [{ offset: 7, step: 3 }], after: 'x'.repeat(255) },
  'a thousand partitions': { cursor: Array.from({ length: 1_000 }, (_, offset) => ({ offset, step: 1 })), after: null },
};

/** Each bit of the bytes flipped in turn. */
function* bitFlips(bytes: Buffer): Iterable<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield flipped;
  }
}

describe('a token gives the place back', () => {
  test.each(Object.entries(PLACES))('%s', (_, place) => {
    expect(tokens.open(USER, tokens.seal(USER, place))).toEqual(place);
  });

  test('any', () => {
    const position = fc.record({ offset: fc.maxSafeNat(), step: fc.nat(2 ** 32 - 1) });
    const after = fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }));
    fc.assert(
      fc.property(fc.array(position), after, fc.string({ unit: 'binary' }), (cursor, to, user) => {
        expect(tokens.open(user, tokens.seal(user, { cursor, after: to }))).toEqual({ cursor, after: to });
      }),
    );
  });

  test('on every node that has the key and the log', () => {
    const token = tokens.seal(USER, START);
    expect(new ResumeTokens(Buffer.from(KEY), 'log').open(USER, token)).toEqual(START);
  });
});

describe('a token tells nothing', () => {
  test('two of the same place have nothing in common', () => {
    const [a, b] = [tokens.seal(USER, START), tokens.seal(USER, START)];
    expect(a.slice(0, 16)).not.toBe(b.slice(0, 16));
    expect(a.slice(16)).not.toBe(b.slice(16));
  });

  test('its length does not move with the position', () => {
    const [near, far] = [
      { offset: 1, step: 0 },
      { offset: 2 ** 52, step: 9 },
    ];
    const lengths = [near, far].map((position) => tokens.seal(USER, { cursor: [position], after: null }).length);
    expect(lengths[0]).toBe(lengths[1]);
  });

  test('it can stand in a header and in a URL as it is', () => {
    expect(tokens.seal(USER, { cursor: [], after: '\n' })).toMatch(/^[\w-]+$/);
  });
});

describe('nothing is opened', () => {
  const token = tokens.seal(USER, { cursor: [{ offset: 7, step: 3 }], after: '@b:x' });
  const bytes = Buffer.from(token, 'base64url');

  test('of which any bit was changed', () => {
    for (const flipped of bitFlips(bytes)) expect(tokens.open(USER, flipped.toString('base64url'))).toBeNull();
  });

  test('that is cut anywhere, or has more', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(tokens.open(USER, bytes.subarray(0, length).toString('base64url'))).toBeNull();
      expect(tokens.open(USER, bytes.subarray(length + 1).toString('base64url'))).toBeNull();
    }
    expect(tokens.open(USER, Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url'))).toBeNull();
    expect(tokens.open(USER, `${token}${token}`)).toBeNull();
  });

  test('of another user, log or key', () => {
    for (const user of ['@Alice:example', '@alice:exampl', '@alice:example ', '']) {
      expect(tokens.open(user, token)).toBeNull();
    }
    expect(new ResumeTokens(KEY, 'log2').open(USER, token)).toBeNull();
    expect(new ResumeTokens(Buffer.alloc(32, 2), 'log').open(USER, token)).toBeNull();
  });

  test('where log and user could be mistaken for each other', () => {
    const sealed = new ResumeTokens(KEY, 'log","a').seal('b', START);
    expect(new ResumeTokens(KEY, 'log').open('a","b', sealed)).toBeNull();
  });

  test('that is no token', () => {
    for (const text of [
      '',
      'x',
      '!!!!',
      'é'.repeat(100),
      '0'.repeat(100),
      'null',
      '{"cursor":[]}',
      '\u0000'.repeat(60),
    ]) {
      expect(tokens.open(USER, text)).toBeNull();
    }
  });

  test('that is too long, whatever it is', () => {
    const cursor = Array.from({ length: 5_000 }, (_, offset) => ({ offset, step: 0 }));
    const long = tokens.seal(USER, { cursor, after: null });
    expect(long.length).toBeGreaterThan(65_536);
    expect(tokens.open(USER, long)).toBeNull();
    expect(tokens.open(USER, 'A'.repeat(10_000_000))).toBeNull();
  });
});
