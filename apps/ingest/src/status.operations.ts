import { doneSchema, userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { statusSchema } from './status.schemas.ts';

export const setStatus: OperationDescription = {
  id: 'setStatus',
  tag: 'Presence',
  summary: 'Set one’s own presence and status message',
  description: 'As in the Matrix client-server API; a `status_msg` that is absent clears it. By that user only.',
  caller: 'user',
  path: userIdInPath,
  body: { schema: statusSchema, example: { presence: 'unavailable', status_msg: 'in the garden' } },
  answers: { 200: { says: 'It is durable.', schema: doneSchema } },
};
