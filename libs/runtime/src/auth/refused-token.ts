import { MatrixError } from '../http/matrix-error.ts';

/**
 * A token that nobody gave out, as far as can be told: it may be a guess, so `RefusalLimits` counts it. A token that was
 * good once (expired), or is good for something else (no scope), is refused with a plain `MatrixError`.
 */
export class RefusedToken extends MatrixError {
  /** 401 M_UNKNOWN_TOKEN, with a sentence. */
  static unknown(message: string): RefusedToken {
    return new RefusedToken(401, 'M_UNKNOWN_TOKEN', message);
  }

  /** 403 M_FORBIDDEN, with a sentence. */
  static forbidden(message: string): RefusedToken {
    return new RefusedToken(403, 'M_FORBIDDEN', message);
  }
}
