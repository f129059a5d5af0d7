import { z } from 'zod';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { streamFrameSchema } from './frame.schemas.ts';
import { streamQuery } from './stream.schemas.ts';

export const streamPresence: OperationDescription = {
  id: 'streamPresence',
  tag: 'Streams',
  summary: 'Presence as it changes, as server-sent events',
  description:
    'Pages of `snapshot`, then `m.presence`, `forget` and the others. The `id` of an event is the resume token, to come ' +
    'back with as `Last-Event-ID`, which goes before `since`. When the token cannot be used, `reset` comes first. It ' +
    'ends when the token expires or is revoked, or the server stops: come back.',
  caller: 'user',
  query: streamQuery,
  headers: z.object({ 'Last-Event-ID': z.string().optional().describe('The resume token to go on from.') }),
  answers: {
    200: {
      says: 'Server-sent events, without an end. The `data` of each is such a frame as JSON, its name the frame’s `type`.',
      schema: streamFrameSchema,
      contentType: 'text/event-stream',
    },
  },
};
