import { z } from 'zod';

const time = z.int().describe('Log time, milliseconds since 1970.');
/** As far away as somebody has asked for, perhaps beyond the whole numbers that JavaScript can count. */
const end = z.number().describe('Log time, milliseconds since 1970; perhaps more than 2^53.');
const presence = z.enum(['online', 'unavailable', 'offline']);
const sentence = z.string().describe('The same for people: a sentence.');
const publicState = {
  presence,
  currently_active: z.boolean(),
  last_active_ts: time.nullable(),
  status_msg: z.string().nullable(),
};

const device = z.object({
  device_id: z.string(),
  state: z.enum(['online', 'idle']),
  declared: z.enum(['online', 'unavailable']).nullable().describe('What the client says of itself.'),
  declared_at: time,
  last_active_at: time.nullable(),
  last_seen_at: time,
  lease_until: end.nullable(),
  connections: z.array(
    z.object({
      connection_id: z.string(),
      source_id: z.string().nullable().describe('The gateway or node that holds it.'),
      source_lease_until: end.nullable(),
    }),
  ),
  idle_at: end.nullable().describe('When it becomes idle by itself; null: it is.'),
  offline_at: end.nullable().describe('When it is removed, if nothing is heard of it; null: never.'),
  held_by: z
    .enum(['source', 'lease', 'connection', 'last_seen'])
    .describe('What decides that time: the lease of a source, its own lease, an open connection, or when it was seen.'),
});

const deadline = z.object({
  at: end,
  idle: z.array(z.string()).describe('Devices that become idle.'),
  removed: z.array(z.string()).describe('Devices that are removed.'),
  presence,
  currently_active: z.boolean(),
  cause: z
    .enum(['idle', 'inactive', 'disconnected'])
    .nullable()
    .describe('Of the announcement that it makes; null: nothing is announced.'),
  says: sentence,
});

const announcement = z.object({
  ts: time,
  ...publicState,
  cause: z
    .object({ type: z.string(), device_id: z.string().exactOptional() })
    .describe('The type of the event, or `idle`, `inactive` or `disconnected` at a deadline.'),
});

const whole = z.int().nonnegative();
const log = z.object({
  partition: whole.nullable().describe('Null in a file.'),
  log_time: time.describe('The instant that this is about: the partition’s log time, milliseconds since 1970.'),
  next_offset: whole.describe('All events before it are in this answer.'),
  offset: whole.nullable().describe('The last event of the user that changed anything; null: none did.'),
  announced: z
    .object({ offset: whole, step: whole, cause_offset: z.int() })
    .nullable()
    .describe('Position of the last announcement, and the offset of the event that led to it.'),
});

/** Why a user is shown as they are, by the state of the fold. */
export const explanationSchema = z
  .object({
    user_id: z.string(),
    ...publicState,
    rule: z
      .object({
        name: z.enum(['unheard_of', 'no_device', 'set_offline', 'set_unavailable', 'device_online', 'devices_idle']),
        section: z.string().describe('Where the rule is in the documentation of the semantics.'),
        says: sentence,
      })
      .describe('What decided the presence.'),
    devices: z.array(device),
    manual: z.object({ presence: z.enum(['unavailable', 'offline']), at: time }).nullable(),
    next_deadline: deadline.nullable().describe('What happens next if no event comes; null: nothing.'),
    last_announcement: announcement.nullable().describe('What others were told last.'),
    log: log.describe('The position in the log behind it.'),
  })
  .meta({ id: 'Explanation', description: 'Why a user is shown as they are.' });

export type Explanation = z.infer<typeof explanationSchema>;
