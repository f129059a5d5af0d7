import { z } from 'zod';
import { queryInteger } from '#runtime/http/query-integer';
import { listEventSchema } from '../frame.schemas.ts';
import { mPresenceSchema } from '../presence.schemas.ts';
import { setPresence } from '../stream.schemas.ts';
import type { SyncEvent } from './sync-events.ts';

/** Longer polls hold a connection for no use; the client just comes again. */
export const TIMEOUT_MS_MAX = 60_000;

/** Query of `/sync` (Matrix client-server API, "Syncing"), as far as presence needs it. */
export const syncQuery = z.object({
  since: z.string().optional().describe('`next_batch` of the answer before; without it, everything.'),
  timeout: queryInteger(0, Number.MAX_SAFE_INTEGER, 0)
    .transform((ms) => Math.min(ms, TIMEOUT_MS_MAX))
    .describe(`How long to wait for something new, milliseconds; at most ${TIMEOUT_MS_MAX}.`),
  set_presence: setPresence,
  full_state: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Tell of everybody, whatever was told before.'),
  filter: z.string().optional().describe('A filter’s id, or the filter itself as JSON; its `presence` part counts.'),
});

/** Its answer. */
export const syncAnswerSchema = z.object({
  next_batch: z.string().describe('`since` of the next request.'),
  presence: z.object({ events: z.array(z.discriminatedUnion('type', [mPresenceSchema, listEventSchema])) }),
});

export interface SyncAnswer {
  readonly next_batch: string;
  readonly presence: { readonly events: readonly SyncEvent[] };
}
