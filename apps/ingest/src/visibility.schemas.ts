import { z } from 'zod';
import { id } from '#domain/events';
import { listOf } from '#runtime/http/read-body';

/** How many users one can block. */
export const BLOCKED_MAX = 1_000;

/** Body of `PUT /v1/users/{userId}/visibility`. Both replace what was set before. */
export const visibilitySchema = z.object({
  show_to: z
    .enum(['everyone', 'contacts', 'nobody'])
    .describe('`contacts`: those whom the user has accepted on their presence lists.'),
  blocked: listOf(id, BLOCKED_MAX).describe('Users to whom the user looks offline.'),
});
