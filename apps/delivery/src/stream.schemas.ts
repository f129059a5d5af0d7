import { z } from 'zod';

export const setPresence = z
  .enum(['offline', 'online', 'unavailable'])
  .optional()
  .meta({
    description:
      'What the client says of its user. `online`: they are active; `unavailable`: they are idle; without it: connected, which ' +
      'is no activity of its own; `offline`: the connection does not count, and nobody sees it.',
  });

/** Query of `/v1/stream` and `/v1/ws`. */
export const streamQuery = z.object({
  since: z.string().optional().describe('The resume token to go on from; without it, a snapshot comes first.'),
  set_presence: setPresence,
});
