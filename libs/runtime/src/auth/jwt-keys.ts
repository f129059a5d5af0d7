import type { JWTVerifyGetKey } from 'jose';
import { createLocalJWKSet } from 'jose';
import { PUBLIC_KEY_ALGORITHMS, SECRET_ALGORITHMS } from './jwt-algorithms.ts';
import type { JwtKeyFile } from './jwt-key-file.ts';

/** The keys that tokens are checked with. */
export interface JwtKeys {
  /** What a token may be signed with. */
  readonly algorithms: readonly string[];
  /**
   * The key for a token by its header. Throws jose's `JWKSNoMatchingKey` or `JWKSMultipleMatchingKeys` when the token names none
   * or too many, and a `MatrixError` (503) when there is no knowing.
   */
  readonly key: JWTVerifyGetKey;
}

/** The keys of a file. When it has one key only, a token need not name it by the same `kid`. */
export function fileKeys(file: JwtKeyFile): JwtKeys {
  if (file.kind === 'secret') return { algorithms: SECRET_ALGORITHMS, key: () => file.secret };
  const set = createLocalJWKSet({ keys: [...file.keys] });
  const key: JWTVerifyGetKey =
    file.keys.length > 1 ? set : ({ alg, b64 = true, crit = [] }, token) => set({ alg, b64, crit }, token);
  return { algorithms: PUBLIC_KEY_ALGORITHMS, key };
}
