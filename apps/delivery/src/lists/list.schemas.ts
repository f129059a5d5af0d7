import { z } from 'zod';
import { id } from '#domain/events';
import { listOf } from '#runtime/http/read-body';
import { mPresenceSchema } from '../presence.schemas.ts';

/** How many users a request may name, all its lists together. */
export const NAMES_PER_REQUEST_MAX = 100;
/** How many invitations of an owner may stand, be they accepted, denied or pending. */
export const INVITATIONS_PER_OWNER_MAX = 1_000;
/** Of the users who ask to follow somebody, or do, this many are shown. */
export const INCOMING_SHOWN_MAX = 1_000;

const names = listOf(id, NAMES_PER_REQUEST_MAX).default([]);

/** Body of `POST /_matrix/client/v3/presence/list/{userId}`. */
export const listChangeSchema = z
  .object({
    invite: names.describe('Whom the user asks to be allowed to follow.'),
    drop: names.describe('Whom the user follows, or has asked to, no more.'),
    accept: names.describe('Owners of lists: they may follow the user.'),
    deny: names.describe('Owners of lists: they may not, or not any more.'),
  })
  .check((context) => {
    const { invite, drop, accept, deny } = context.value;
    const add = (message: string): void =>
      void context.issues.push({ code: 'custom', message, input: context.value, path: [] });
    const count = invite.length + drop.length + accept.length + deny.length;
    if (count > NAMES_PER_REQUEST_MAX) {
      add(`a request names at most ${NAMES_PER_REQUEST_MAX} users, and this names ${count}`);
    }
    if (invite.some((name) => drop.includes(name))) add('a user can be invited or dropped, not both');
    if (accept.some((name) => deny.includes(name))) add('an owner can be accepted or denied, not both');
  });
export type ListChange = z.infer<typeof listChangeSchema>;

/** Query of `GET /_matrix/client/v3/presence/list/{userId}`. */
export const listQuerySchema = z.object({
  pending: z.enum(['true', 'false']).default('false').describe('The invitations, in the place of those who agreed.'),
});

/** Answer of `GET /_matrix/client/v3/presence/list/{userId}`: those whom the user follows. */
export const followedSchema = z.array(mPresenceSchema);

const userSchema = z.object({ user_id: z.string() });

/** Answer of the same with `?pending=true`. All lists are in order of user id. */
export const invitationsSchema = z.object({
  outgoing: z
    .array(userSchema.extend({ state: z.enum(['pending', 'denied']) }))
    .describe('Whom the user has asked, and who has not accepted.'),
  incoming: z.array(userSchema).describe(`Who asks the user, and has no answer: the first ${INCOMING_SHOWN_MAX}.`),
  incoming_total: z.int().nonnegative(),
  followers: z.array(userSchema).describe(`Whom the user has accepted: the first ${INCOMING_SHOWN_MAX}.`),
  followers_total: z.int().nonnegative(),
});
export type Invitations = z.infer<typeof invitationsSchema>;
