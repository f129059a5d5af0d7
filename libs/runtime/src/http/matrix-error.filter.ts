import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../log.ts';
import { FAILED_BODY, MatrixError } from './matrix-error.ts';

const ERRCODES: Record<number, string> = {
  400: 'M_BAD_JSON',
  404: 'M_UNRECOGNIZED',
  405: 'M_UNRECOGNIZED',
  413: 'M_TOO_LARGE',
  415: 'M_NOT_JSON',
  429: 'M_LIMIT_EXCEEDED',
};

/** In the place of what Nest and Fastify say. */
const SENTENCES: Record<number, string> = {
  404: 'There is nothing at this path, or not by this method.',
  415: 'Send a body as Content-Type: application/json.',
};

/** Makes every error of every route a Matrix one: `{"errcode","error"}`. What nobody expected is logged, and told to nobody. */
@Catch()
export class MatrixErrorFilter implements ExceptionFilter {
  /** `note` is told of every error, and the request that it ends. */
  constructor(
    private readonly log: Log,
    private readonly note: (request: FastifyRequest, error: unknown) => void = () => undefined,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.note(host.switchToHttp().getRequest<FastifyRequest>(), error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, body, retryAfterMs } = this.answer(error);
    if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1_000));
    void reply.status(status).send(body);
  }

  private answer(error: unknown): { status: number; body: object; retryAfterMs?: number } {
    if (error instanceof MatrixError) {
      const { retryAfterMs } = error.more;
      return { status: error.getStatus(), body: error.body, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
    const status = statusOf(error);
    if (status < 500) {
      const said = error instanceof Error ? error.message : 'The request cannot be answered.';
      const message = SENTENCES[status] ?? said;
      return { status, body: { errcode: ERRCODES[status] ?? 'M_UNKNOWN', error: message } };
    }
    this.log.error('http.failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    return { status: 500, body: FAILED_BODY };
  }
}

/** Nest's exceptions carry a status, Fastify's errors (body too large, not JSON, …) a `statusCode`. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const code = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof code === 'number' ? code : 500;
}
