import { z } from 'zod';
import { id } from '#domain/events';
import { errorSchema } from '#runtime/http/matrix-error.schemas';
import { mPresenceSchema } from './presence.schemas.ts';

const snapshot = z
  .object({
    type: z.literal('snapshot'),
    events: z.array(mPresenceSchema),
    more: z.boolean().describe('Whether another page follows.'),
  })
  .meta({ id: 'SnapshotFrame', description: 'A page of those whom the user sees, and who are not just offline.' });

const forget = z
  .object({ type: z.literal('forget'), user_id: id })
  .meta({ id: 'ForgetFrame', description: 'That user is no longer to be seen.' });

const roomPresence = z.object({ type: z.literal('room.presence'), room_id: id, mode: z.enum(['full', 'off']) }).meta({
  id: 'RoomPresenceFrame',
  description: 'Whether a room conveys presence. Each does until this says otherwise.',
});

/** An invitation onto a presence list, or the answer to one. */
export const listEventSchema = z
  .object({
    type: z.enum(['m.presence_invite', 'm.presence_accept', 'm.presence_deny']),
    sender: id,
    content: z.object({ observed_user: id, observer_user: id }),
  })
  .meta({ id: 'ListEvent', description: 'An invitation onto a presence list, or the answer to one.' });

const reset = z.object({ type: z.literal('reset'), reason: z.string().describe('A sentence.') }).meta({
  id: 'ResetFrame',
  description: 'The resume token cannot be used: forget everything, a snapshot follows.',
});

const error = errorSchema
  .extend({ type: z.literal('error') })
  .meta({ id: 'ErrorFrame', description: 'What was wrong. If the connection ends with it, the close code says so.' });

const bye = z
  .object({ type: z.literal('bye'), retry_ms: z.int().nonnegative() })
  .meta({ id: 'ByeFrame', description: 'The server restarts: come back after so many milliseconds, with the token.' });

/** `data` of each event of `GET /v1/stream`; the event's name is the frame's `type`, its id the resume token. */
export const streamFrameSchema = z
  .discriminatedUnion('type', [snapshot, mPresenceSchema, forget, roomPresence, listEventSchema, reset])
  .meta({
    id: 'StreamFrame',
    description: 'What a client is told. The type is also the name of the server-sent event.',
  });

const withToken = {
  token: z.string().optional().describe('The resume token: come back with it, and hear what came after this frame.'),
};

/** What the server sends on `/v1/ws`. */
export const webSocketFrameSchema = z
  .discriminatedUnion('type', [
    snapshot.extend(withToken),
    mPresenceSchema.extend(withToken),
    forget.extend(withToken),
    roomPresence.extend(withToken),
    listEventSchema.extend(withToken),
    reset,
    error,
    bye,
  ])
  .meta({ id: 'WebSocketFrame', description: 'What the server sends on a WebSocket.' });
