import { z } from 'zod';

/** Answer of `GET /v1/users/{userId}/visibility`. */
export const visibilitySchema = z.object({
  show_to: z.enum(['everyone', 'contacts', 'nobody']),
  blocked: z.array(z.string()).describe('Users to whom the user looks offline.'),
});
export type Visibility = z.infer<typeof visibilitySchema>;
