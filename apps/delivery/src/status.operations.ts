import { userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { presenceContentSchema } from './presence.schemas.ts';

export const getStatus: OperationDescription = {
  id: 'getStatus',
  tag: 'Presence',
  summary: 'A user’s presence and status message',
  description: 'As in the Matrix client-server API, for those who may see the user.',
  caller: 'user',
  path: userIdInPath,
  answers: {
    200: { says: 'The presence.', schema: presenceContentSchema },
    403: { says: 'The caller may not see the user. The same whether there is such a user or not.' },
  },
};
