import type { OperationDescription } from '#runtime/http/openapi/operation';
import { syncAnswerSchema, syncQuery } from './sync.schemas.ts';

export const sync: OperationDescription = {
  id: 'sync',
  tag: 'Streams',
  summary: 'Presence that is new since the last answer, as Matrix clients ask for it',
  description:
    'The presence part of a Matrix sync. Without anything new it waits, up to `timeout`. A first answer has at most 5,000 ' +
    'users, and the next one goes on. A `since` that cannot be used is no error: then everybody is told.',
  caller: 'user',
  query: syncQuery,
  answers: { 200: { says: 'What is new, and where to go on.', schema: syncAnswerSchema } },
};
