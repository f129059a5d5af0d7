import type { DeadLetterValue } from '#domain/dead-letter.schemas';
import type { CommitRecord, StoredRecord } from '#message-log/message-log';

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
