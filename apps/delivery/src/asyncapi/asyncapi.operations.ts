import { z } from 'zod';
import type { OperationDescription } from '#runtime/http/openapi/operation';

const common = { tag: 'Service', caller: 'anyone' } as const;

export const getAsyncApi: OperationDescription = {
  ...common,
  id: 'asyncapi',
  summary: 'What is in the topics and in the streams: AsyncAPI 3.0',
  answers: { 200: { says: 'The AsyncAPI document.', schema: z.looseObject({ asyncapi: z.string() }) } },
};

export const listSchemas: OperationDescription = {
  ...common,
  id: 'listSchemas',
  summary: 'Where the JSON Schemas of it are',
  answers: { 200: { says: 'Their paths.', schema: z.object({ schemas: z.array(z.string()) }) } },
};

export const getSchema: OperationDescription = {
  ...common,
  id: 'getSchema',
  summary: 'One of them',
  path: { file: z.string().min(1).describe('As `event.json`.') },
  answers: {
    200: { says: 'A JSON Schema, draft 2020-12.', schema: z.looseObject({ $schema: z.string() }) },
    404: { says: 'There is no such schema.' },
  },
};
