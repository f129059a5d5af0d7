import { z } from 'zod';
import './fault-words.ts';
import { decodeFrequent } from './frequent-events.ts';
import { fitsBytes, ID_BYTES_MAX, STATUS_MSG_BYTES_MAX } from './limits.ts';
import { policyFields } from './policy.ts';

/** The device of an event that names none (but not of `status.set`). */
export const DEFAULT_DEVICE = 'default';

const ISSUES_TOLD_MAX = 10;

/** An id of any kind: 1 to `ID_BYTES_MAX` bytes of well-formed UTF-8. */
export const id = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed(), 'is not well-formed Unicode')
  .refine((text) => fitsBytes(text, ID_BYTES_MAX), `is longer than ${ID_BYTES_MAX} bytes`)
  .meta({ id: 'Id', maxLength: ID_BYTES_MAX, description: `1 to ${ID_BYTES_MAX} bytes of well-formed UTF-8.` });
const ts = z.int().nonnegative().nullish().describe('When it happened, if before it is told: milliseconds since 1970.');
const ttl = z.int().positive().describe('For how long it holds if it is not said again, milliseconds.');
const declared = z.enum(['online', 'unavailable']);
/** A status message: at most `STATUS_MSG_BYTES_MAX` bytes of UTF-8. */
export const statusMsg = z
  .string()
  .refine((text) => fitsBytes(text, STATUS_MSG_BYTES_MAX), `is longer than ${STATUS_MSG_BYTES_MAX} bytes`)
  .meta({ maxLength: STATUS_MSG_BYTES_MAX, description: `At most ${STATUS_MSG_BYTES_MAX} bytes of UTF-8.` });

function ofUser<Type extends string, Fields extends z.ZodRawShape>(type: Type, says: string, fields: Fields) {
  return z.object({ type: z.literal(type), ts, user_id: id, ...fields }).meta({ id: type, description: says });
}

function ofPartition<Type extends string, Fields extends z.ZodRawShape>(type: Type, says: string, fields: Fields) {
  return z.object({ type: z.literal(type), ts, ...fields }).meta({ id: type, description: says });
}

/** Every event type and its fields (semantics, section 4). Unknown fields are dropped; null is as if absent. */
const userEvents = [
  ofUser(
    'device.connected',
    'A client is there. With `ttl_ms` it has to be said again; with `source_id` it lives as long as that gateway does.',
    {
      device_id: id.nullish(),
      connection_id: id.nullish(),
      presence: declared.nullish(),
      source_id: id.nullish(),
      ttl_ms: ttl.nullish(),
    },
  ),
  ofUser('device.disconnected', 'A connection has closed; with the reason `logout` the device is gone at once.', {
    device_id: id.nullish(),
    connection_id: id.nullish(),
    reason: z.string().nullish(),
  }),
  ofUser('device.active', 'Somebody typed, sent, clicked.', { device_id: id.nullish(), ttl_ms: ttl.nullish() }),
  ofUser('device.presence', 'The client says that it is idle, or back.', {
    device_id: id.nullish(),
    presence: declared,
  }),
  ofUser('status.set', 'What a user sets by hand; `offline` hides them until they set another.', {
    device_id: id.nullish(),
    presence: z.enum(['online', 'unavailable', 'offline']).nullish(),
    status_msg: statusMsg.nullish(),
  }),
  ofUser('room.joined', 'The user is a member of the room.', { room_id: id }),
  ofUser('room.left', 'The user is no member of the room any more.', { room_id: id }),
  ofUser('list.invited', 'A presence list’s owner asks to follow somebody.', { observed: id, invitation: id }),
  ofUser('list.dropped', 'The owner ends that invitation.', { observed: id, invitation: id }),
  ofUser('list.accepted', 'Who was asked lets the owner follow.', { owner: id, invitation: id }),
  ofUser('list.denied', 'Who was asked does not, or not any more.', { owner: id, invitation: id }),
  ofUser('visibility.set', 'Whom the user lets see them.', {
    show_to: z.enum(['everyone', 'contacts', 'nobody']),
    blocked: z.array(id),
  }),
  ofUser('user.removed', 'The account is gone, with all that it had.', {}),
] as const;

const partitionEvents = [
  ofPartition('source.alive', 'A gateway lives, and with it the connections that it holds.', {
    source_id: id,
    ttl_ms: ttl,
  }),
  ofPartition('source.gone', 'The gateway has ended.', { source_id: id }),
  ofPartition('policy.set', 'By which times presence is judged from here on. Not for upstream services.', policyFields),
  ofPartition('tick', 'Time goes on. The projector writes it.', {}),
] as const;

export type UserEvent = z.infer<(typeof userEvents)[number]>;
export type PartitionEvent = z.infer<(typeof partitionEvents)[number]>;
export type PresenceEvent = UserEvent | PartitionEvent;
export type EventType = PresenceEvent['type'];
export type EventOf<Type extends EventType> = Extract<PresenceEvent, { type: Type }>;

/** The schema of every event, as documentation and edges use it. */
export const eventSchema = z
  .discriminatedUnion('type', [...userEvents, ...partitionEvents])
  .meta({ id: 'Event', description: 'What happened, as it is in `presence.events`. Unknown fields are ignored.' });

const [sourceAlive, sourceGone] = partitionEvents;

/** Those that an upstream service may send. */
export const upstreamEventSchema = z
  .discriminatedUnion('type', [...userEvents, sourceAlive, sourceGone])
  .meta({ id: 'UpstreamEvent', description: 'What a service tells. Unknown fields are ignored.' });

const schemaByType = new Map<string, z.ZodType<PresenceEvent>>(
  [...userEvents, ...partitionEvents].map((schema) => [schema.shape.type.value, schema]),
);

/** An event that can be folded, or the sentence that says why it cannot. */
export type Decoded = { readonly event: PresenceEvent } | { readonly refused: string };

/** Checks a value parsed from JSON against the schema of its type. Never throws. */
export function decodeEvent(value: unknown): Decoded {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { refused: 'the record is not a JSON object' };
  }
  const type: unknown = 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') return { refused: 'type is missing or not a string' };
  const frequent = decodeFrequent(type, value);
  return frequent === null ? decodeBySchema(type, value) : { event: frequent };
}

/** The same by the schema of its type alone. */
export function decodeBySchema(type: string, value: object): Decoded {
  const schema = schemaByType.get(type);
  if (schema === undefined) return { refused: `unknown type ${JSON.stringify(type.slice(0, 100))}` };
  const result = schema.safeParse(value);
  if (!result.success) return { refused: `${type}: ${sentence(result.error)}` };
  return { event: result.data };
}

/** Reads the JSON text of a record. Never throws. */
export function decodeText(text: string | null): Decoded {
  if (text === null) return { refused: 'the record has no value' };
  try {
    return decodeEvent(JSON.parse(text));
  } catch {
    return { refused: 'the record is not JSON' };
  }
}

/** Whether the event belongs to one user (and is keyed by it), rather than to a whole partition. */
export function isUserEvent(event: PresenceEvent): event is UserEvent {
  return 'user_id' in event;
}

/** Not of all issues: each bad entry of `blocked` is one, and a reason of many megabytes would fit in no dead letter. */
function sentence({ issues }: z.ZodError): string {
  const told = issues.slice(0, ISSUES_TOLD_MAX).map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
