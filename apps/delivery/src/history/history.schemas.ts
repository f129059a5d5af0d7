import { z } from 'zod';
import { explanationSchema } from '#domain/explanation.schemas';
import { queryInteger } from '#runtime/http/query-integer';

/** So many announcements are told, the newest. */
export const ENTRIES_MAX = 1_000;
const TIME_MAX = Number.MAX_SAFE_INTEGER;

/** Query of `GET /v1/users/{userId}/history`. */
export const historyQuerySchema = z.object({
  from: queryInteger(0, TIME_MAX, 0).describe('Only from this time on, milliseconds since 1970.'),
  to: queryInteger(0, TIME_MAX, TIME_MAX).describe('Only up to this time, milliseconds since 1970.'),
});

const entrySchema = explanationSchema.shape.last_announcement
  .unwrap()
  .extend({
    why: z.string().describe('The cause for people, as `presently history` says it.'),
    log: z
      .object({ partition: z.int().nonnegative(), cause_offset: z.int() })
      .nullable()
      .describe(
        'The event that led to it: to upstream services. Null to users, whom it would tell how much others do.',
      ),
  })
  .meta({ id: 'HistoryEntry', description: 'What a user was shown as from a time on, and why.' });
export type HistoryEntry = z.infer<typeof entrySchema>;

/** Answer of `GET /v1/users/{userId}/history`. */
export const historyAnswerSchema = z
  .object({
    user_id: z.string(),
    before: entrySchema
      .nullable()
      .describe('What held before the first of `entries`, or before `from` if there is none; null: never heard of.'),
    entries: z.array(entrySchema).max(ENTRIES_MAX).describe('What was announced, the oldest first.'),
    truncated: z.boolean().describe(`There were more than ${ENTRIES_MAX}: these are the newest.`),
  })
  .meta({ id: 'HistoryAnswer', description: 'What a user was shown as, when, and why.' });
export type HistoryAnswer = z.infer<typeof historyAnswerSchema>;
