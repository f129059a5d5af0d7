import { z } from 'zod';

/** The body of every error, in the shape of the Matrix client-server API. */
export const errorSchema = z
  .object({
    errcode: z.string().describe('What kind of error it is, as `M_FORBIDDEN`.'),
    error: z.string().describe('What is wrong and what to do, a sentence. For people: it may change.'),
    retry_after_ms: z.int().nonnegative().optional().describe('Of 429 and 503: when to try again, milliseconds.'),
    soft_logout: z.boolean().optional().describe('Of 401: the token has expired, get a new one.'),
    faults: z
      .array(z.object({ index: z.int().nonnegative(), error: z.string() }))
      .optional()
      .describe('Of `POST /v1/events`, 400: what is wrong with which event. At most 100 are named.'),
  })
  .meta({ id: 'Error', description: 'What every error looks like.' });

/** The body of 429 and 503. */
export const retryLaterSchema = errorSchema
  .required({ retry_after_ms: true })
  .meta({ id: 'RetryLater', description: 'An error that goes away: try again later.' });
