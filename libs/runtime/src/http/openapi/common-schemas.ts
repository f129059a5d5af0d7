import { z } from 'zod';
import { id } from '#domain/events';

/** The `{userId}` of a path. */
export const userIdInPath = { userId: id.describe('A user id, as `@alice:example.org`.') };

/** Answer of what is done and has nothing to tell. */
export const doneSchema = z.object({}).meta({ id: 'Done', description: 'Nothing: it is done.' });
