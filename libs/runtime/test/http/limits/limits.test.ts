import { RefusedToken } from '#runtime/auth/refused-token';
import { ConnectionCounts } from '#runtime/http/limits/connection-counts';
import { ConnectionLimits } from '#runtime/http/limits/connection-limits';
import { RefusalLimits } from '#runtime/http/limits/refusal-limits';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import type { MatrixError } from '#runtime/http/matrix-error';
import { unknownToken } from '#runtime/http/matrix-error';
import { MovableClock } from '../../../../../test/support/movable-clock.ts';

let clock: MovableClock;
let limited: number;
const countLimited = (): void => void limited++;
beforeEach(() => {
  clock = new MovableClock();
  limited = 0;
});

/** The status, the error and the wait that it throws; null: nothing. */
function thrown(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    const { errcode, more } = error as MatrixError;
    return [(error as MatrixError).getStatus(), errcode, more.retryAfterMs];
  }
}

describe('connections are counted', () => {
  test('up to the most, and each is given back once', () => {
    const counts = new ConnectionCounts(2);
    const [first, second] = [counts.open('a'), counts.open('a')];
    expect(counts.open('a')).toBeNull();
    expect(counts.open('b')).not.toBeNull();
    first?.();
    first?.();
    expect([counts.count('a'), counts.count('b'), counts.size]).toEqual([1, 1, 2]);
    expect(counts.open('a')).not.toBeNull();
    expect(counts.open('a')).toBeNull();
    second?.();
  });

  test('and nothing is kept of who has none', () => {
    const counts = new ConnectionCounts(2);
    for (let i = 0; i < 100; i++) counts.open(`address ${i}`)?.();
    expect(counts.size).toBe(0);
  });

  test('by address, where one more is told to come later', () => {
    const limits = new ConnectionLimits(2, countLimited);
    const close = limits.open('192.0.2.1');
    limits.open('::ffff:192.0.2.1');
    const refusal = thrown(() => limits.open('192.0.2.1')) as [number, string, number];
    expect(refusal).toEqual([429, 'M_LIMIT_EXCEEDED', expect.any(Number)]);
    expect(refusal[2]).toBeGreaterThanOrEqual(5_000);
    expect(refusal[2]).toBeLessThanOrEqual(20_000);
    expect(thrown(() => limits.open('192.0.2.2'))).toBeNull();
    close();
    expect(thrown(() => limits.open('192.0.2.1'))).toBeNull();
    expect(limited).toBe(1);
  });

  test('without a limit when that is 0', () => {
    const limits = new ConnectionLimits(0);
    for (let i = 0; i < 10_000; i++) limits.open('192.0.2.1');
    expect(thrown(() => limits.open('192.0.2.1'))).toBeNull();
  });
});

describe('a user’s writes', () => {
  test('are ten a second, and fifty at once', () => {
    const limits = new WriteLimits(clock, 10, countLimited);
    for (let i = 0; i < 50; i++) limits.take('@a:x');
    expect(thrown(() => limits.take('@a:x'))).toEqual([429, 'M_LIMIT_EXCEEDED', 100]);
    expect(thrown(() => limits.take('@b:x'))).toBeNull();
    clock.move(100);
    expect(thrown(() => limits.take('@a:x'))).toBeNull();
    expect(limited).toBe(1);
  });

  test('can be fewer than one in five seconds', () => {
    const limits = new WriteLimits(clock, 0.1);
    expect(thrown(() => limits.take('@a:x'))).toBeNull();
    expect(thrown(() => limits.take('@a:x'))).toEqual([429, 'M_LIMIT_EXCEEDED', 10_000]);
  });

  test('have no limit when that is 0', () => {
    const limits = new WriteLimits(clock, 0);
    for (let i = 0; i < 10_000; i++) limits.take('@a:x');
    expect(thrown(() => limits.take('@a:x'))).toBeNull();
  });
});

describe('bad tokens of an address', () => {
  const bad = RefusedToken.unknown('No.');
  const require = (limits: RefusalLimits, address = '192.0.2.1'): unknown => thrown(() => limits.require(address));

  test('are sixty at once, then one a second; and nobody else’s', () => {
    const limits = new RefusalLimits(clock, 1, countLimited);
    for (let i = 0; i < 60; i++) {
      expect(require(limits)).toBeNull();
      limits.note('192.0.2.1', `guess ${i}`, bad);
    }
    expect(require(limits)).toEqual([429, 'M_LIMIT_EXCEEDED', 1_000]);
    expect(require(limits, '192.0.2.2')).toBeNull();
    clock.move(1_000);
    expect(require(limits)).toBeNull();
    limits.note('192.0.2.1', 'guess 60', bad);
    expect(require(limits)).toEqual([429, 'M_LIMIT_EXCEEDED', 1_000]);
    expect(limited).toBe(2);
  });

  test('that were tried at once are paid for afterwards', () => {
    const limits = new RefusalLimits(clock, 1);
    for (let i = 0; i < 1_000; i++) limits.note('192.0.2.1', `guess ${i}`, bad);
    expect(require(limits)).toEqual([429, 'M_LIMIT_EXCEEDED', 61_000]);
  });

  test('cost nothing when they are the same again: a client that knows no better harms nobody at its address', () => {
    const limits = new RefusalLimits(clock, 1);
    for (let i = 0; i < 1_000; i++) limits.note('192.0.2.1', 'expired', bad);
    for (let i = 0; i < 58; i++) limits.note('192.0.2.1', `guess ${i}`, bad);
    expect(require(limits)).toBeNull();
    limits.note('192.0.2.1', 'guess 58', bad);
    expect(require(limits)).not.toBeNull();
  });

  test('are counted where they come from, also those of another address', () => {
    const limits = new RefusalLimits(clock, 1);
    for (let i = 0; i < 60; i++) limits.note('192.0.2.1', `guess ${i}`, bad);
    for (let i = 0; i < 60; i++) limits.note('192.0.2.2', `guess ${i}`, bad);
    expect(require(limits, '192.0.2.2')).not.toBeNull();
  });

  test('are not those that were good once, nor other errors, nor none', () => {
    const limits = new RefusalLimits(clock, 1);
    for (let i = 0; i < 1_000; i++) {
      limits.note('192.0.2.1', `token ${i}`, unknownToken('The token has expired.'));
      limits.note('192.0.2.1', `token ${i}`, new Error('a bug'));
      limits.note('192.0.2.1', null, bad);
    }
    expect(require(limits)).toBeNull();
  });

  test('have no limit when that is 0', () => {
    const limits = new RefusalLimits(clock, 0);
    for (let i = 0; i < 1_000; i++) limits.note('192.0.2.1', `guess ${i}`, bad);
    expect(require(limits)).toBeNull();
  });

  test('are guarded where no route does it', async () => {
    const limits = new RefusalLimits(clock, 1);
    const guard = (token: string, answer: Promise<string>): Promise<string> =>
      limits.guard('192.0.2.1', token, () => answer);
    expect(await guard('good', Promise.resolve('alice'))).toBe('alice');
    for (let i = 0; i < 60; i++) await expect(guard(`guess ${i}`, Promise.reject(bad))).rejects.toBe(bad);
    await expect(guard('good', Promise.resolve('alice'))).rejects.toMatchObject({ errcode: 'M_LIMIT_EXCEEDED' });
  });
});
