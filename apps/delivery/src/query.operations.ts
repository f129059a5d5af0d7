import type { OperationDescription } from '#runtime/http/openapi/operation';
import { presenceAnswerSchema, presenceQuerySchema } from './query.schemas.ts';

export const queryPresence: OperationDescription = {
  id: 'queryPresence',
  tag: 'Presence',
  summary: 'The presence of many users at once',
  description: 'A user is told of those whom it sees, an upstream service of all that are known. Others are left out.',
  caller: 'user or upstream',
  body: { schema: presenceQuerySchema, example: { user_ids: ['@bob:example.org'] } },
  answers: { 200: { says: 'By user id.', schema: presenceAnswerSchema } },
};
