import { z } from 'zod';

/** Content of `m.presence` (Matrix client-server API). */
export const presenceContentSchema = z
  .object({
    presence: z.enum(['online', 'unavailable', 'offline']),
    last_active_ago: z.int().nonnegative().optional().describe('Since the last activity, milliseconds.'),
    currently_active: z.boolean().optional().describe('Only of users who are online.'),
    status_msg: z.string().optional(),
  })
  .meta({ id: 'PresenceContent' });

export const mPresenceSchema = z
  .object({
    type: z.literal('m.presence'),
    sender: z.string().describe('Whose presence it is.'),
    content: presenceContentSchema,
  })
  .meta({ id: 'PresenceEvent', description: 'A user’s presence (`m.presence` of the Matrix client-server API).' });
