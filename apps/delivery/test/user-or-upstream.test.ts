import { userOrUpstream } from '#delivery/user-or-upstream';
import { DevAuthenticator } from '#runtime/auth/dev-authenticator';
import type { Authenticator } from '#runtime/auth/authenticator';
import { unavailable } from '#runtime/http/matrix-error';

const dev = new DevAuthenticator();
const away = (): Promise<never> => Promise.reject(unavailable('The keys cannot be had.', 1_000));

test('a user is told from an upstream service, and neither is a 401', async () => {
  expect(await userOrUpstream(dev, 'dev-upstream')).toBeNull();
  expect(await userOrUpstream(dev, '@a:x/D')).toEqual({ userId: '@a:x', deviceId: 'D' });
  await expect(userOrUpstream(dev, 'nobody')).rejects.toMatchObject({ status: 401, errcode: 'M_UNKNOWN_TOKEN' });
  await expect(userOrUpstream(dev, null)).rejects.toMatchObject({ status: 401, errcode: 'M_MISSING_TOKEN' });
});

test.each<[string, Partial<Authenticator>]>([
  ['whether it is upstream', { upstream: away }],
  ['whose it is', { user: away }],
])('when it cannot be known %s, that is said, and not that the token is bad', async (_, broken) => {
  const authenticator = {
    user: (token: string | null) => dev.user(token),
    upstream: (token: string | null) => dev.upstream(token),
    ...broken,
  };
  await expect(userOrUpstream(authenticator, '@a:x/D')).rejects.toMatchObject({ status: 503 });
});
