import { z } from 'zod';
import { deadLetterSchema } from '#domain/dead-letter.schemas';
import { eventSchema } from '#domain/events';
import { stateRecordSchema } from '#domain/state-record.schemas';
import { streamFrameSchema, webSocketFrameSchema } from '../frame.schemas.ts';
import { clientFrame } from '../websocket/client-frame.ts';

/** What is in the topics and in the streams, by the name under which its schema is published. */
export const PUBLISHED_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  event: eventSchema,
  'state-record': stateRecordSchema,
  'dead-letter': deadLetterSchema,
  'stream-frame': streamFrameSchema,
  'websocket-frame': webSocketFrameSchema,
  'client-frame': clientFrame,
};

/** A schema as JSON Schema (draft 2020-12), whole in itself. */
export function jsonSchemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
}
