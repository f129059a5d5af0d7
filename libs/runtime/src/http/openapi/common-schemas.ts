import { z } from 'zod';
import { id, statusMsg } from '#domain/events';
import { STATUS_MSG_BYTES_MAX } from '#domain/limits';

/** What is said of a text that is none. */
export const NOT_WELL_FORMED = 'is not well-formed Unicode: half of a surrogate pair is in it';

/** The `{userId}` of a path. */
export const userIdInPath = { userId: id.describe('A user id, as `@alice:example.org`.') };

/**
 * A `status_msg` as a user may set it. JSON can write half of a surrogate pair, as `"\ud83d"`, which is no text and has no
 * UTF-8: many clients cannot read what has it in it.
 */
export const wellFormedStatusMsg = statusMsg
  .refine((text) => text.isWellFormed(), NOT_WELL_FORMED)
  .describe(`At most ${STATUS_MSG_BYTES_MAX} bytes of well-formed UTF-8.`);

/** Answer of what is done and has nothing to tell. */
export const doneSchema = z.object({}).meta({ id: 'Done', description: 'Nothing: it is done.' });
