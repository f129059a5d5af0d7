import type { Authenticator } from '#runtime/auth/authenticator';
import { bearerToken } from '#runtime/auth/authenticator';
import { forbidden } from '#runtime/http/matrix-error';
import { userOrUpstream } from '../user-or-upstream.ts';

/**
 * Who asks why a user is shown as they are, or were: the user (`self`), or an upstream service. Throws 403 for anybody else, the
 * same whether there is such a user or not, and 401 and 503 as `userOrUpstream`.
 */
export async function selfOrUpstream(
  authenticator: Authenticator,
  authorization: string,
  userId: string,
): Promise<'self' | 'upstream'> {
  const caller = await userOrUpstream(authenticator, bearerToken(authorization));
  if (caller === null) return 'upstream';
  if (caller.userId === userId) return 'self';
  throw forbidden('Why a user is shown as they are is told to that user and to upstream services only.');
}
