import { z } from 'zod';
import { doneSchema, userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { followedSchema, invitationsSchema, listChangeSchema, listQuerySchema } from './list.schemas.ts';

export const changeList: OperationDescription = {
  id: 'changeList',
  tag: 'Lists',
  summary: 'Invite and drop users, accept and deny those who ask',
  description:
    'By that user only. All of it is done, or nothing. What is so already changes nothing, and neither does an answer to ' +
    'somebody who has not asked. It names at most 100 users, nobody twice for opposite things, and not oneself in `invite`.',
  caller: 'user',
  path: userIdInPath,
  body: { schema: listChangeSchema, example: { invite: ['@bob:example.org'], accept: ['@dave:example.org'] } },
  answers: {
    200: { says: 'It is durable.', schema: doneSchema },
    403: { says: 'It is somebody else’s list, or the list is full: 1,000 users, invited ones included.' },
  },
};

export const getList: OperationDescription = {
  id: 'getList',
  tag: 'Lists',
  summary: 'Whom one follows; or what is not agreed, and who follows',
  description: 'By that user only.',
  caller: 'user',
  path: userIdInPath,
  query: listQuerySchema,
  answers: {
    200: {
      says: 'Those whom the user follows, as each lets it see them; with `pending=true` invitations and followers.',
      schema: z.union([followedSchema, invitationsSchema]),
    },
  },
};
