import { id } from '#domain/events';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { membersChangedSchema, membersPageSchema, membersQuerySchema, membersSchema } from './members.schemas.ts';

const path = { roomId: id.describe('A room id, as `!garden:example.org`.') };

export const getMembers: OperationDescription = {
  id: 'getMembers',
  tag: 'Rooms',
  summary: 'Who is in a room, in pages',
  description: 'In order of user id, by UTF-16 code units. A room that was never heard of has no members.',
  caller: 'upstream',
  path,
  query: membersQuerySchema,
  answers: { 200: { says: 'A page.', schema: membersPageSchema } },
};

export const setMembers: OperationDescription = {
  id: 'setMembers',
  tag: 'Rooms',
  summary: 'The full list of a room’s members, to set right what was lost',
  description:
    'Joins and leaves that are missing are written. The same list again changes nothing; after 429 or 503 some of it may ' +
    'be done, and the same again does the rest.',
  caller: 'upstream',
  path,
  body: { schema: membersSchema, example: { members: ['@alice:example.org', '@bob:example.org'] } },
  answers: {
    200: { says: 'They are durable: so many had joined, and so many had left.', schema: membersChangedSchema },
    413: { says: 'The body has more than 8 MiB.' },
  },
};
