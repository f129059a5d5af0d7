import { userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { explainAnswerSchema, explainQuerySchema } from './explain.schemas.ts';

export const explainUser: OperationDescription = {
  id: 'explainUser',
  tag: 'Presence',
  summary: 'Why a user is shown as they are, and what happens next',
  description:
    'By that user, or an upstream service. It is as of now, with all that was answered before, or 503. With `watcher` it also ' +
    'says whether that user sees this one, and why.',
  caller: 'user or upstream',
  path: userIdInPath,
  query: explainQuerySchema,
  answers: {
    200: {
      says: 'Why. Of a user who was never heard of, too: that is why they are offline.',
      schema: explainAnswerSchema,
    },
    403: { says: 'The caller is another user. The same whether there is such a user or not.' },
  },
};
