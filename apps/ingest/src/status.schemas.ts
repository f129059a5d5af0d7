import { z } from 'zod';
import { wellFormedStatusMsg } from '#runtime/http/openapi/common-schemas';

/** Body of `PUT /_matrix/client/v3/presence/{userId}/status`. */
export const statusSchema = z.object({
  presence: z
    .enum(['online', 'unavailable', 'offline'])
    .describe('`offline` hides the user, whatever they do, until they set another.'),
  status_msg: wellFormedStatusMsg.nullish(),
});
