import type { Authenticator, Caller } from '#runtime/auth/authenticator';
import { MatrixError } from '#runtime/http/matrix-error';

/**
 * Who is calling where a user and an upstream service may: the user, or null for upstream. Asks whether it is upstream first,
 * which needs no other server in most modes. What the token is not (401, 403) is then told as to a user; that it cannot be
 * known now (503) is told as it is.
 */
export async function userOrUpstream(
  authenticator: Pick<Authenticator, 'user' | 'upstream'>,
  token: string | null,
): Promise<Caller | null> {
  try {
    await authenticator.upstream(token);
    return null;
  } catch (error) {
    if (!(error instanceof MatrixError) || ![401, 403].includes(error.getStatus())) throw error;
    return authenticator.user(token);
  }
}
