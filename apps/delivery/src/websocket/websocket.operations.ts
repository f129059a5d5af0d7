import type { OperationDescription } from '#runtime/http/openapi/operation';
import { streamQuery } from '../stream.schemas.ts';

export const openWebSocket: OperationDescription = {
  id: 'openWebSocket',
  tag: 'Streams',
  summary: 'Presence as it changes, on a WebSocket; and what the user does',
  description:
    'Frames are JSON objects, which `/asyncapi.json` describes. Who cannot send headers, as a browser, says who it is in ' +
    'its first frame: `{"type":"auth","token":"…"}`.',
  caller: 'user, or in a frame',
  query: streamQuery,
  answers: {
    101: { says: 'The connection is a WebSocket now.' },
    426: {
      says: 'The request asks for no WebSocket.',
      headers: { Upgrade: 'Always `websocket`.' },
    },
  },
};
