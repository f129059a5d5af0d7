import { z } from 'zod';
import { id } from '#domain/events';
import { listOf } from '#runtime/http/read-body';
import { presenceContentSchema } from './presence.schemas.ts';

export const QUERIED_USERS_MAX = 1_000;

/** Body of `POST /v1/presence/query`. */
export const presenceQuerySchema = z.object({ user_ids: listOf(id, QUERIED_USERS_MAX) });

/** Its answer, by user id. Whom the caller may not see, and who was never heard of, is not in it. */
export const presenceAnswerSchema = z.object({ presence: z.record(z.string(), presenceContentSchema) });
export type PresenceAnswer = z.infer<typeof presenceAnswerSchema>;
