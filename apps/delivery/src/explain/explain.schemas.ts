import { z } from 'zod';
import { id } from '#domain/events';
import { explanationSchema } from '#domain/explanation.schemas';

/** Of the rooms that two users share, this many are named. */
export const ROOMS_SHOWN_MAX = 100;

/** Query of `GET /v1/users/{userId}/explain`. */
export const explainQuerySchema = z.object({
  watcher: id.optional().describe('A user id: whether that user sees this one, and why.'),
});

const watcherSchema = z
  .object({
    user_id: z.string(),
    sees: z.enum(['full', 'offline', 'nothing']).describe('`offline`: an ordinary offline user. `nothing`: 403.'),
    reason: z
      .enum([
        'self',
        'accepted_list',
        'shared_room',
        'blocked',
        'hidden',
        'contacts_only',
        'over_the_cap',
        'excluded',
        'unknown',
      ])
      .describe('`over_the_cap` and `excluded` are told to upstream services only, and are `unknown` to users.'),
    section: z.string().describe('Where the rule is in the documentation of the semantics.'),
    says: z.string().describe('The same for people: a sentence.'),
    rooms: z
      .array(z.string())
      .describe(`The rooms that they share and that convey presence, the first ${ROOMS_SHOWN_MAX}.`),
    silent_rooms: z
      .array(z.string())
      .describe('Those that convey none; told to upstream services only, and to users none.'),
  })
  .meta({ id: 'WatcherExplanation', description: 'Whether a watcher sees a user, and why.' });
export type WatcherExplanation = z.infer<typeof watcherSchema>;

/** Answer of `GET /v1/users/{userId}/explain`. */
export const explainAnswerSchema = explanationSchema
  .extend({
    log: explanationSchema.shape.log
      .nullable()
      .describe(
        'The position in the log behind it: to upstream services. Null to users, whom it would tell how much others do.',
      ),
    watcher: watcherSchema.exactOptional().describe('Only if one was asked about.'),
  })
  .meta({ id: 'ExplainAnswer', description: 'Why a user is shown as they are.' });
export type ExplainAnswer = z.infer<typeof explainAnswerSchema>;
