import type { FastifyReply, FastifyRequest } from 'fastify';
import { PATH_PART_LENGTH_MAX } from './server-limits.ts';

interface Answer {
  readonly status: number;
  readonly errcode: string;
  readonly error: string;
}

/** What Fastify's router refuses by itself, by its codes. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  FST_ERR_BAD_URL: {
    status: 400,
    errcode: 'M_INVALID_PARAM',
    error: 'The path is not well-formed: after % come two digits, and they make UTF-8.',
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 414,
    errcode: 'M_TOO_LARGE',
    error: `A part of the path has more than ${PATH_PART_LENGTH_MAX} characters.`,
  },
};

const OTHER: Answer = { status: 400, errcode: 'M_UNRECOGNIZED', error: 'The request cannot be routed.' };

/** Fastify's `frameworkErrors`: answers what the router refuses, which comes by no hook and no filter. */
export function answerRouterError({ code }: { code: string }, _request: FastifyRequest, reply: FastifyReply): void {
  const { status, ...body } = ANSWERS[code] ?? OTHER;
  void reply.status(status).send(body);
}
