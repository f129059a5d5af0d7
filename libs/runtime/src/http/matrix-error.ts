import { HttpException } from '@nestjs/common';

/** An error in the shape of the Matrix client-server API. The message is a sentence. */
export class MatrixError extends HttpException {
  constructor(
    status: number,
    readonly errcode: string,
    message: string,
    readonly more: { readonly retryAfterMs?: number; readonly fields?: Record<string, unknown> } = {},
  ) {
    super(message, status);
  }

  /** What a client is told. */
  get body(): Readonly<Record<string, unknown>> {
    const { retryAfterMs, fields } = this.more;
    const retry = retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs };
    return { errcode: this.errcode, error: this.message, ...retry, ...fields };
  }
}

/** What a client is told of an error that nobody expected. */
export const FAILED_BODY = { errcode: 'M_UNKNOWN', error: 'The server failed; its log says how.' };

export const badRequest = (message: string, fields?: Record<string, unknown>): MatrixError =>
  new MatrixError(400, 'M_BAD_JSON', message, fields === undefined ? {} : { fields });

export const missingToken = (): MatrixError =>
  new MatrixError(401, 'M_MISSING_TOKEN', 'Send an access token: Authorization: Bearer TOKEN.');

export const unknownToken = (message: string): MatrixError => new MatrixError(401, 'M_UNKNOWN_TOKEN', message);

export const forbidden = (message: string): MatrixError => new MatrixError(403, 'M_FORBIDDEN', message);

export const unavailable = (message: string, retryAfterMs: number): MatrixError =>
  new MatrixError(503, 'M_UNAVAILABLE', message, { retryAfterMs });

export const tooMany = (message: string, retryAfterMs: number): MatrixError =>
  new MatrixError(429, 'M_LIMIT_EXCEEDED', message, { retryAfterMs });
