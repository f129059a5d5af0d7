import { DevAuthenticator } from '#runtime/auth/dev-authenticator';
import { foreignCheck } from '#runtime/auth/loopback-only';
import { UpstreamTokens } from '#runtime/auth/upstream-tokens';
import { outcome } from './tokens.ts';

const authenticator = new DevAuthenticator(['of-my-own']);

test('a user is who they say they are', async () => {
  expect(await outcome(authenticator.user('@alice:example/PHONE'))).toEqual({
    userId: '@alice:example',
    deviceId: 'PHONE',
  });
  expect(await outcome(authenticator.user('@alice:example'))).toEqual({ userId: '@alice:example', deviceId: null });
  expect(await outcome(authenticator.user(null))).toEqual(expect.arrayContaining([401, 'M_MISSING_TOKEN']));
});

test('an upstream service’s token is not a user’s, nor the other way round', async () => {
  const upstream = (token: string | null): Promise<unknown> => outcome(authenticator.upstream(token));
  expect(await upstream('dev-upstream')).toBe('upstream');
  expect(await upstream('of-my-own')).toBe('upstream');
  expect(await upstream('@alice:example/PHONE')).toEqual(expect.arrayContaining([403, 'M_FORBIDDEN']));
  expect(await upstream(null)).toEqual(expect.arrayContaining([401, 'M_MISSING_TOKEN']));
  expect(await outcome(authenticator.user('dev-upstream'))).toEqual(expect.arrayContaining([403, 'M_FORBIDDEN']));
});

test('a token of many colons is seen through at once', async () => {
  const start = performance.now();
  const answer = await outcome(authenticator.user(`@${':'.repeat(100_000)}/`));
  expect(answer).toEqual(expect.arrayContaining([401, 'M_UNKNOWN_TOKEN']));
  expect(performance.now() - start).toBeLessThan(5_000); // it took half a minute
});

test('no tokens are no way in', () => {
  expect(new UpstreamTokens([]).has('')).toBe(false);
  expect(new UpstreamTokens(['a']).has('')).toBe(false);
});

describe('whence a request comes', () => {
  const dev = foreignCheck({ PRESENTLY_AUTH: 'dev' });

  test.each([
    [{}],
    [{ host: 'localhost:8080' }],
    [{ host: '[::1]:8080', origin: 'http://127.0.0.1:3000' }],
    [{ host: '127.0.0.1', origin: 'http://localhost:3000' }],
  ])('is this machine in dev mode: %j', (whence) => {
    expect(() => dev(whence)).not.toThrow();
  });

  test.each([
    [{ host: 'evil.example' }],
    [{ host: 'localhost.evil.example' }],
    [{ host: 'localhost', origin: 'https://evil.example' }],
    [{ host: 'localhost', origin: 'null' }],
    [{ host: 'localhost', origin: 'http://localhost.evil.example' }],
  ])('is elsewhere, and refused in dev mode only: %j', (whence) => {
    expect(() => dev(whence)).toThrow(/^In dev mode/);
    for (const auth of ['jwt', 'matrix']) expect(() => foreignCheck({ PRESENTLY_AUTH: auth })(whence)).not.toThrow();
  });
});
