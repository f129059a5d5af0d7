import { userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { visibilitySchema } from './visibility.schemas.ts';

export const getVisibility: OperationDescription = {
  id: 'getVisibility',
  tag: 'Visibility',
  summary: 'Whom one lets see oneself',
  description: 'By that user only. It is as of now, with all that was answered before, or 503.',
  caller: 'user',
  path: userIdInPath,
  answers: { 200: { says: 'What is set.', schema: visibilitySchema } },
};
