import { errorSchema, retryLaterSchema } from '../matrix-error.schemas.ts';
import type { AnswerDescription, OperationDescription } from './operation.ts';

const RETRY_AFTER = { 'Retry-After': 'When to try again, seconds.' };

/** What errors mean where an operation says nothing else of them. */
const REFUSALS: Readonly<Record<number, AnswerDescription>> = {
  400: { says: 'The request cannot be used; `error` says why.' },
  401: { says: 'There is no token (`M_MISSING_TOKEN`), or none that is known (`M_UNKNOWN_TOKEN`).' },
  403: { says: 'The token is good, but not for this. In `dev` mode also: the request comes from elsewhere.' },
  404: { says: 'There is no such thing.' },
  413: { says: 'The body is too long: it has more than 1 MiB.' },
  414: { says: 'A part of the path is too long.' },
  415: { says: 'The body is not of a content type that is taken here.' },
  429: {
    says: 'Too many of something: requests, connections, or bad tokens from one address. `error` says which.',
    schema: retryLaterSchema,
    headers: RETRY_AFTER,
  },
  503: {
    says: 'Not now: the service starts, stops, is behind its log, or cannot write it. Nothing was done, unless `error` says so.',
    schema: retryLaterSchema,
    headers: RETRY_AFTER,
  },
};

/** The errors that an operation can answer, with what they mean: its own, and those that come with what it takes. */
export function refusals(operation: OperationDescription): Map<number, AnswerDescription> {
  const { caller, path, query, body, answers } = operation;
  const own = Object.keys(answers).map(Number);
  const statuses = [
    ...own.filter((status) => status >= 400),
    ...(path === undefined && query === undefined && body === undefined ? [] : [400]),
    ...(caller === 'anyone' ? [] : [401]),
    403,
    ...(body === undefined ? [] : [413, 415]),
    ...(path === undefined ? [] : [414]),
    429,
    503,
  ];
  const ordered = [...new Set(statuses)].sort((a, b) => a - b);
  return new Map(ordered.map((status) => [status, refusal(status, answers[status])]));
}

function refusal(status: number, own: AnswerDescription | undefined): AnswerDescription {
  const usual = REFUSALS[status];
  return { schema: errorSchema, says: '', ...usual, ...own };
}

/** Whether the operation says nothing of its own on it, so that all can share one description. */
export const isUsual = (status: number, operation: OperationDescription): boolean => !(status in operation.answers);
