import type { FastifyReply, FastifyRequest } from 'fastify';
import { MatrixError } from '../matrix-error.ts';
import { PATH_PART_LENGTH_MAX } from './server-limits.ts';

type Answer = readonly [status: number, errcode: string, message: string];

/** What Fastify refuses by itself, by its codes. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  FST_ERR_BAD_URL: [
    400,
    'M_INVALID_PARAM',
    'The path is not well-formed: after % come two digits, and they make UTF-8.',
  ],
  FST_ERR_MAX_PARAM_LENGTH: [
    414,
    'M_TOO_LARGE',
    `A part of the path has more than ${PATH_PART_LENGTH_MAX} characters.`,
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'M_NOT_JSON', 'Send a body as Content-Type: application/json.'],
};

/** The same as a Matrix error, if it is one of Fastify's that callers can come by. */
export function ofFastify(error: unknown): MatrixError | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const answer = Object.hasOwn(ANSWERS, code) ? ANSWERS[code] : undefined;
  return answer === undefined ? null : new MatrixError(...answer);
}

/** Fastify's `frameworkErrors`: answers what its router refuses, before any hook or filter. */
export function answerRouterError(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const answer = ofFastify(error) ?? new MatrixError(400, 'M_UNRECOGNIZED', 'The request cannot be routed.');
  void reply.status(answer.getStatus()).send({ errcode: answer.errcode, error: answer.message });
}
