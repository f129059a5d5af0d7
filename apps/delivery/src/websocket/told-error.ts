import type { Log } from '#runtime/log';
import { FAILED_BODY, MatrixError } from '#runtime/http/matrix-error';

/** An error as a client is told of it. */
export interface ToldError {
  /** As an HTTP status. */
  readonly status: number;
  /** `errcode`, `error` (a sentence), and `retry_after_ms` if it pays to come back. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | undefined;
}

/** A Matrix error as it is; what nobody expected is logged, and told to nobody. */
export function toldError(error: unknown, log: Log): ToldError {
  if (error instanceof MatrixError) {
    return { status: error.getStatus(), body: error.body, retryAfterMs: error.more.retryAfterMs };
  }
  log.error('websocket.failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return { status: 500, body: FAILED_BODY, retryAfterMs: undefined };
}
