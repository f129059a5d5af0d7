import { z } from 'zod';
import { badRequest } from '#runtime/http/matrix-error';
import { wellFormedStatusMsg } from '#runtime/http/openapi/common-schemas';
import { readBody } from '#runtime/http/read-body';
import { setPresence } from '../stream.schemas.ts';

/** The first frame of a client that cannot send an `Authorization` header, as in a browser. */
export const authFrame = z.object({
  type: z.literal('auth'),
  token: z.string(),
  since: z.string().optional(),
  set_presence: setPresence,
});

/** What the user is doing, or wants to be seen as. */
export const presenceFrame = z.object({
  type: z.literal('presence'),
  presence: z.enum(['online', 'unavailable', 'offline']),
  status_msg: wellFormedStatusMsg.nullish(),
});

const activeFrame = z.object({ type: z.literal('active') });

export const clientFrame = z
  .discriminatedUnion('type', [authFrame, presenceFrame, activeFrame])
  .meta({ id: 'ClientFrame', description: 'What a client sends on a WebSocket.' });

export type AuthFrame = z.infer<typeof authFrame>;
export type PresenceFrame = z.infer<typeof presenceFrame>;
export type ClientFrame = z.infer<typeof clientFrame>;

const EXAMPLE = '{"type":"active"} or {"type":"presence","presence":"online|unavailable|offline","status_msg":"…"}';

/** Reads a message of a client. Throws a `MatrixError` (400) that says what is wrong with it. */
export function readFrame(message: Buffer, isBinary: boolean): ClientFrame {
  if (isBinary) throw badRequest('Frames are JSON, as text messages.');
  let value: unknown;
  try {
    value = JSON.parse(message.toString());
  } catch {
    throw badRequest('The frame is not JSON.');
  }
  return readBody(clientFrame, value, EXAMPLE);
}
