import { isUtf8 } from 'node:buffer';
import type { DeadLetterValue } from '#domain/dead-letter.schemas';
import type { CommitRecord, StoredRecord } from '#message-log/message-log';

export function deadLetterRecord(
  partition: number,
  record: StoredRecord | undefined,
  offset: number,
  reason: string,
): CommitRecord {
  const given = record?.value ?? null;
  const bytes = given instanceof Buffer && !isUtf8(given) ? given : null;
  const value: DeadLetterValue = {
    partition,
    offset,
    timestamp: record?.timestamp ?? 0,
    reason,
    key: record?.key ?? null,
    value: bytes === null ? (given?.toString() ?? null) : null,
    ...(bytes === null ? {} : { value_base64: bytes.toString('base64') }),
  };
  return { topic: 'dead-letters', key: value.key, value: JSON.stringify(value) };
}
