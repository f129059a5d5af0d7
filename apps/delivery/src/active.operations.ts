import { doneSchema } from '#runtime/http/openapi/common-schemas';
import type { OperationDescription } from '#runtime/http/openapi/operation';

export const sayActive: OperationDescription = {
  id: 'sayActive',
  tag: 'Presence',
  summary: 'Say that one has done something',
  description:
    'Activity of the device that the token names, for clients of `/v1/stream`; on a WebSocket it is a frame. Written soon, and ' +
    'at most every few seconds (`PRESENTLY_ACTIVITY_EVERY_MS`), so it may be said as often as one likes. It has no body.',
  caller: 'user',
  answers: { 200: { says: 'It was heard, and is not durable yet.', schema: doneSchema } },
};
