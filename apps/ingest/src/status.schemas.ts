import { z } from 'zod';
import { statusMsg } from '#domain/events';

/** Body of `PUT /_matrix/client/v3/presence/{userId}/status`. */
export const statusSchema = z.object({
  presence: z
    .enum(['online', 'unavailable', 'offline'])
    .describe('`offline` hides the user, whatever they do, until they set another.'),
  status_msg: statusMsg.nullish(),
});
