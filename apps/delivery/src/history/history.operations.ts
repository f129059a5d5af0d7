import { userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { ENTRIES_MAX, historyAnswerSchema, historyQuerySchema } from './history.schemas.ts';

export const userHistory: OperationDescription = {
  id: 'userHistory',
  tag: 'Presence',
  summary: 'What a user was shown as, when, and why',
  description:
    `By that user, or an upstream service. The newest ${ENTRIES_MAX} announcements of the span, since the account was last ` +
    'removed, with all that was answered before. Each answer folds the log of the user’s partition anew.',
  caller: 'user or upstream',
  path: userIdInPath,
  query: historyQuerySchema,
  answers: {
    200: { says: 'The history; of a user who was never heard of it is empty.', schema: historyAnswerSchema },
    403: { says: 'The caller is another user. The same whether there is such a user or not.' },
    404: { says: 'The beginning of the log was deleted, or it is too long to be folded for an answer.' },
  },
};
