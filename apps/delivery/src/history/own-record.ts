import { isUserEvent } from '#domain/events';
import type { FoldRecord } from '#domain/fold';
import { decodeValue } from '#message-log/decode-value';
import type { StoredRecord } from '#message-log/message-log';

/** Stands for all others. Ids are not empty, so it is nobody's. */
const OTHERS = '';

/**
 * What a record of `events` is to one user; null: it makes no difference to them. Users make one to each other in one way only:
 * who connects by a source gives it a lease (semantics, "Events"). So all others are one user with one connection, and a fold of
 * one user stays small. Most records of others need no parsing to be left out.
 */
export function ownRecord(userId: string, { offset, timestamp, key, value }: StoredRecord): FoldRecord | null {
  if (key === userId || key === null) return { offset, timestamp, key, decoded: decodeValue(value) };
  if (value?.includes('"source_id"') !== true) return null;
  const decoded = decodeValue(value);
  if (!('event' in decoded) || !isUserEvent(decoded.event) || decoded.event.type !== 'device.connected') return null;
  const { type, source_id, ttl_ms } = decoded.event;
  return { offset, timestamp, decoded: { event: { type, user_id: OTHERS, source_id, ttl_ms } } };
}
