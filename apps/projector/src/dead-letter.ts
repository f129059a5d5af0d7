import type { CommitRecord, StoredRecord } from '#message-log/message-log';

/** What `presence.dead-letters` holds of a record that cannot be folded: its position, why, and the record itself. */
export interface DeadLetterValue {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  /** A sentence. */
  readonly reason: string;
  readonly key: string | null;
  /** The record's text, or, when it is not UTF-8, its bytes in `value_base64`. */
  readonly value: string | null;
  readonly value_base64?: string;
}

export function deadLetterRecord(
  partition: number,
  record: StoredRecord | undefined,
  offset: number,
  reason: string,
): CommitRecord {
  const bytes = record?.value ?? null;
  const text = bytes?.toString() ?? null;
  const isText = text === null || Buffer.from(text).equals(bytes ?? Buffer.alloc(0));
  const value: DeadLetterValue = {
    partition,
    offset,
    timestamp: record?.timestamp ?? 0,
    reason,
    key: record?.key ?? null,
    value: isText ? text : null,
    ...(isText ? {} : { value_base64: bytes?.toString('base64') ?? '' }),
  };
  return { topic: 'dead-letters', key: value.key, value: JSON.stringify(value) };
}
