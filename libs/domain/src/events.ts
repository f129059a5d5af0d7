import { z } from 'zod';
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
  .refine((text) => fitsBytes(text, ID_BYTES_MAX), `is longer than ${ID_BYTES_MAX} bytes`);
const ts = z.int().nonnegative().nullish();
const ttl = z.int().positive();
const declared = z.enum(['online', 'unavailable']);
const statusMsg = z
  .string()
  .refine((text) => fitsBytes(text, STATUS_MSG_BYTES_MAX), `is longer than ${STATUS_MSG_BYTES_MAX} bytes`);

function ofUser<Type extends string, Fields extends z.ZodRawShape>(type: Type, fields: Fields) {
  return z.object({ type: z.literal(type), ts, user_id: id, ...fields });
}

function ofPartition<Type extends string, Fields extends z.ZodRawShape>(type: Type, fields: Fields) {
  return z.object({ type: z.literal(type), ts, ...fields });
}

/** Every event type and its fields (semantics, section 4). Unknown fields are dropped; null is as if absent. */
const userEvents = [
  ofUser('device.connected', {
    device_id: id.nullish(),
    connection_id: id.nullish(),
    presence: declared.nullish(),
    source_id: id.nullish(),
    ttl_ms: ttl.nullish(),
  }),
  ofUser('device.disconnected', {
    device_id: id.nullish(),
    connection_id: id.nullish(),
    reason: z.string().nullish(),
  }),
  ofUser('device.active', { device_id: id.nullish(), ttl_ms: ttl.nullish() }),
  ofUser('device.presence', { device_id: id.nullish(), presence: declared }),
  ofUser('status.set', {
    device_id: id.nullish(),
    presence: z.enum(['online', 'unavailable', 'offline']).nullish(),
    status_msg: statusMsg.nullish(),
  }),
  ofUser('room.joined', { room_id: id }),
  ofUser('room.left', { room_id: id }),
  ofUser('list.invited', { observed: id, invitation: id }),
  ofUser('list.dropped', { observed: id, invitation: id }),
  ofUser('list.accepted', { owner: id, invitation: id }),
  ofUser('list.denied', { owner: id, invitation: id }),
  ofUser('visibility.set', { show_to: z.enum(['everyone', 'contacts', 'nobody']), blocked: z.array(id) }),
  ofUser('user.removed', {}),
] as const;

const partitionEvents = [
  ofPartition('source.alive', { source_id: id, ttl_ms: ttl }),
  ofPartition('source.gone', { source_id: id }),
  ofPartition('policy.set', policyFields),
  ofPartition('tick', {}),
] as const;

export type UserEvent = z.infer<(typeof userEvents)[number]>;
export type PartitionEvent = z.infer<(typeof partitionEvents)[number]>;
export type PresenceEvent = UserEvent | PartitionEvent;
export type EventType = PresenceEvent['type'];
export type EventOf<Type extends EventType> = Extract<PresenceEvent, { type: Type }>;

/** The schema of every event, as documentation and edges use it. */
export const eventSchema = z.discriminatedUnion('type', [...userEvents, ...partitionEvents]);

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
