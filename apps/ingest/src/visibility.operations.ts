import { doneSchema, userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { visibilitySchema } from './visibility.schemas.ts';

export const setVisibility: OperationDescription = {
  id: 'setVisibility',
  tag: 'Visibility',
  summary: 'Set whom one lets see oneself',
  description:
    'By that user only. All others, and the blocked, see a user who is just offline. It replaces all that was set before. ' +
    'The ids of the blocked take at most 60,000 bytes as JSON.',
  caller: 'user',
  path: userIdInPath,
  body: { schema: visibilitySchema, example: { show_to: 'contacts', blocked: ['@eve:example.org'] } },
  answers: { 200: { says: 'It is durable.', schema: doneSchema } },
};
