import { z } from 'zod';
import type { CheckpointRecord, StateRecord, TieRecord, UserRecord, VisibilityRecord } from './state-records.ts';

const whole = z.int().nonnegative();
const time = z.int().nonnegative().describe('Log time, milliseconds since 1970.');
/** It is so far away as somebody has asked for, perhaps beyond the whole numbers that JavaScript can count. */
const leaseEnd = z.number().nonnegative().describe('Log time, milliseconds since 1970; perhaps more than 2^53.');
const position = z.tuple([whole, whole]).meta({
  id: 'Position',
  description: 'The offset of an event, and the how-manieth change made while it was folded.',
});

const presence = z.enum(['online', 'unavailable', 'offline']);
const publicState = {
  presence,
  currently_active: z.boolean(),
  last_active_ts: time.nullable(),
  status_msg: z.string().nullable(),
};

const announcement = z.object({
  ts: time,
  ...publicState,
  offset: whole,
  step: whole,
  cause: z
    .object({ type: z.string(), device_id: z.string().exactOptional(), offset: whole })
    .describe('The event, or at a deadline the user’s last event before it.'),
});

const device = z.object({
  device_id: z.string(),
  declared: z.enum(['online', 'unavailable']).nullable(),
  declared_at: time,
  last_active_at: time.nullable(),
  last_seen_at: time,
  lease_until: leaseEnd.nullable(),
  connections: z
    .array(z.tuple([z.string(), z.string().nullable()]))
    .describe('Each an id, and its source if one holds it.'),
});

const user: z.ZodType<UserRecord> = z
  .object({
    kind: z.literal('user'),
    user_id: z.string(),
    at: whole.describe(
      'With `step`: the position of the last change. If `announcement` has the same, it was announced.',
    ),
    step: whole,
    announced: whole.nullable().describe('Offset of `announcement`.'),
    ...publicState,
    announcement: announcement.nullable().describe('What others were told last.'),
    applied: z.int().describe('Offset of the last event of the user that changed anything.'),
    manual: z.object({ presence: z.enum(['unavailable', 'offline']), at: time }).nullable(),
    devices: z.array(device),
    removed_ts: time.exactOptional().describe('When the account was removed; only until that is forgotten.'),
  })
  .meta({
    id: 'UserRecord',
    description: 'Key `user|USER_ID`. What is announced of a user, and what the fold goes on with.',
  });

const tie = {
  since: position,
  until: position.nullable().describe('Null while it lasts.'),
  earlier: z.tuple([position, position]).nullable().describe('When it was before, while that is remembered.'),
  until_ts: time.nullable(),
};

const ties: z.ZodType<TieRecord>[] = [
  z
    .object({ kind: z.literal('member'), room_id: z.string(), user_id: z.string(), ...tie })
    .meta({ id: 'MemberRecord', description: 'Key `member|ROOM_ID|USER_ID`. A membership, now or lately.' }),
  z
    .object({
      kind: z.literal('invite'),
      owner: z.string(),
      observed: z.string(),
      invitation: z.string().nullable(),
      ...tie,
    })
    .meta({
      id: 'InviteRecord',
      description: 'Key `invite|OWNER|OBSERVED`. The owner of a list asks to follow somebody.',
    }),
  z
    .object({
      kind: z.literal('answer'),
      observed: z.string(),
      owner: z.string(),
      invitation: z.string().nullable(),
      denied: z.object({ invitation: z.string(), at: position }).nullable(),
      ...tie,
    })
    .meta({ id: 'AnswerRecord', description: 'Key `answer|OBSERVED|OWNER`. What the observed says to it.' }),
];

const choice = {
  show_to: z.enum(['everyone', 'contacts', 'nobody']),
  blocked: z.array(z.string()),
  at: position,
};

const visibility: z.ZodType<VisibilityRecord> = z
  .object({
    kind: z.literal('visibility'),
    user_id: z.string(),
    ...choice,
    before: z
      .object({ ...choice, at: z.tuple([z.int().min(-1), whole]) })
      .optional()
      .describe('The choice that it replaced, at offset -1 if it was the first; absent: not remembered.'),
  })
  .meta({ id: 'VisibilityRecord', description: 'Key `visibility|USER_ID`. Whom a user lets see them.' });

const checkpoint: z.ZodType<CheckpointRecord> = z
  .object({
    kind: z.literal('checkpoint'),
    log_id: z.string(),
    rules: whole.describe('Version of the rules by which it was made.'),
    number: z
      .int()
      .positive()
      .optional()
      .describe('The how-manieth checkpoint of the partition: who has read the one before it has missed none.'),
    next: position.describe('All before it is folded, and in this topic.'),
    t: time,
    policy: z.object({
      idleAfterMs: whole,
      activeForMs: whole,
      offlineAfterMs: z.int().positive(),
      sourceTtlMs: whole,
      unheardForMs: whole,
    }),
    sources: z.array(z.tuple([z.string(), leaseEnd])).describe('Each an id, and the end of its lease.'),
    forgotten_before: position.describe('What ended before it is no longer known.'),
  })
  .meta({ id: 'CheckpointRecord', description: 'Key `checkpoint`. The last record of each commit.' });

const owner = z
  .object({ kind: z.literal('owner'), slot: whole, owner_id: z.string() })
  .meta({ id: 'OwnerRecord', description: 'Key `owner|SLOT`. A projector has taken the partition over.' });

const log = z
  .object({ kind: z.literal('log'), log_id: z.string(), log_kind: z.enum(['live', 'archive']) })
  .meta({ id: 'LogRecord', description: 'On Kafka, the first record: which log this is.' });

/** Every record of `presence.state`, as it is in the topic; a record without a value forgets its key. */
export const stateRecordSchema: z.ZodType<StateRecord> = z
  .union([user, ...ties, visibility, checkpoint, owner, log])
  .meta({ id: 'StateRecord', description: 'What follows from the events. A record without a value forgets its key.' });
