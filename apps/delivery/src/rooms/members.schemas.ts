import { z } from 'zod';
import { id } from '#domain/events';
import { queryInteger } from '#runtime/http/query-integer';
import { listOf } from '#runtime/http/read-body';

/** How many members the full list of a room may have. Its body, too, has a limit: that of large ones, 8 MiB. */
export const MEMBERS_MAX = 250_000;
const PAGE_MEMBERS_MAX = 10_000;
const PAGE_MEMBERS_DEFAULT = 1_000;

/** Query of `GET /v1/rooms/{roomId}/members`. */
export const membersQuerySchema = z.object({
  from: z.string().default('').describe('The first user id of the page: `next` of the page before.'),
  limit: queryInteger(1, PAGE_MEMBERS_MAX, PAGE_MEMBERS_DEFAULT).describe(
    `Members of a page, at most ${PAGE_MEMBERS_MAX}.`,
  ),
});
export type MembersQuery = z.infer<typeof membersQuerySchema>;

/** Its answer. A room that was never heard of has no members. */
export const membersPageSchema = z.object({
  members: z.array(z.string()).describe('In order of user id.'),
  total: z.int().nonnegative().describe('Members of the room, on all pages.'),
  next: z.string().optional().describe('`from` of the next page; absent on the last.'),
});
export type MembersPage = z.infer<typeof membersPageSchema>;

/** Body of `PUT /v1/rooms/{roomId}/members`. */
export const membersSchema = z.object({ members: listOf(id, MEMBERS_MAX).describe('All members of the room.') });

/** Its answer: what was lost, and was written. */
export const membersChangedSchema = z.object({ joined: z.int().nonnegative(), left: z.int().nonnegative() });
export type MembersChanged = z.infer<typeof membersChangedSchema>;
