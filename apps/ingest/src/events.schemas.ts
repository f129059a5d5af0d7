import { z } from 'zod';
import { upstreamEventSchema } from '#domain/events';
import { EVENTS_PER_REQUEST_MAX } from '#service/writing/event-writer';

/** Body of `POST /v1/events`. `EventWriter` checks it, each event by itself, so that all bad ones can be named. */
export const eventsSchema = z.object({
  // No limit in the schema: more of them are not wrong (400), but too large (413).
  events: z.array(upstreamEventSchema).describe(`At most ${EVENTS_PER_REQUEST_MAX}, more are a 413.`),
});

/** Its answer. */
export const acceptedSchema = z.object({ accepted: z.int().nonnegative().describe('How many events.') });
