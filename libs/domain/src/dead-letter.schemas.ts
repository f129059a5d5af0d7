import { z } from 'zod';

const whole = z.int().nonnegative();

/** What `presence.dead-letters` holds of a record that cannot be folded: its position, why, and the record itself. */
export const deadLetterSchema = z
  .object({
    partition: whole,
    offset: whole,
    timestamp: whole.describe('The record’s, by the log’s clock: milliseconds since 1970.'),
    reason: z.string().describe('Why it cannot be folded, a sentence.'),
    key: z.string().nullable(),
    value: z.string().nullable().describe('The record’s text; null if it has none, or is not UTF-8.'),
    value_base64: z.string().exactOptional().describe('The bytes of a record that is not UTF-8.'),
  })
  .meta({ id: 'DeadLetter', description: 'A record that cannot be folded: where it is, why, and the record itself.' });
export type DeadLetterValue = Readonly<z.infer<typeof deadLetterSchema>>;
