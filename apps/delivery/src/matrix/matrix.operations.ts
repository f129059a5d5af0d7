import { z } from 'zod';
import { userIdInPath } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { FILTER_BYTES_MAX, filterSchema } from './filter.ts';
import {
  capabilitiesSchema,
  filterIdSchema,
  pushRulesSchema,
  rulesetSchema,
  turnServerSchema,
  versionsSchema,
  whoamiSchema,
} from './matrix.schemas.ts';

export const versions: OperationDescription = {
  id: 'versions',
  tag: 'Matrix',
  summary: 'Versions of the Matrix client-server API',
  description: 'Those in which presence is as it is here.',
  caller: 'anyone',
  answers: { 200: { says: 'The versions.', schema: versionsSchema } },
};

export const whoami: OperationDescription = {
  id: 'whoami',
  tag: 'Matrix',
  summary: 'Whose the token is',
  caller: 'user',
  answers: { 200: { says: 'The user, and the device if the token has one.', schema: whoamiSchema } },
};

export const capabilities: OperationDescription = {
  id: 'capabilities',
  tag: 'Matrix',
  summary: 'What there is not',
  caller: 'user',
  answers: { 200: { says: 'Capabilities that clients would take for there.', schema: capabilitiesSchema } },
};

export const pushRules: OperationDescription = {
  id: 'pushRules',
  tag: 'Matrix',
  summary: 'Push rules: there are none',
  caller: 'user',
  answers: { 200: { says: 'No rules.', schema: pushRulesSchema } },
};

export const globalPushRules: OperationDescription = {
  ...pushRules,
  id: 'globalPushRules',
  answers: { 200: { says: 'No rules.', schema: rulesetSchema } },
};

export const turnServer: OperationDescription = {
  id: 'turnServer',
  tag: 'Matrix',
  summary: 'Servers for calls: there are none',
  caller: 'user',
  answers: { 200: { says: 'No servers.', schema: turnServerSchema } },
};

export const uploadFilter: OperationDescription = {
  id: 'uploadFilter',
  tag: 'Matrix',
  summary: 'An id for a filter of `/sync`',
  description: `By that user only. The id carries the filter, which has at most ${FILTER_BYTES_MAX} bytes as JSON. Its \`presence\` part counts.`,
  caller: 'user',
  path: userIdInPath,
  body: { schema: filterSchema, example: { presence: { types: ['m.presence'], limit: 100 } } },
  answers: { 200: { says: 'The id.', schema: filterIdSchema } },
};

export const getFilter: OperationDescription = {
  id: 'getFilter',
  tag: 'Matrix',
  summary: 'The filter that an id carries',
  description: 'By that user only.',
  caller: 'user',
  path: { ...userIdInPath, filterId: z.string().min(1).describe('As `POST …/filter` answered it.') },
  answers: {
    200: { says: 'The filter, as it was uploaded.', schema: filterSchema },
    404: { says: 'It is not the id of a filter.' },
  },
};
