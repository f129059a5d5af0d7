import type { StoredRecord, Topic } from '../message-log.ts';
import { TOPICS } from '../message-log.ts';

/** Keys of fixed length, so that ranges are in order: topic, partition, big-endian offset. */
export function recordKey(topic: Topic, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(11);
  key.writeUInt8(TOPICS.indexOf(topic), 0);
  key.writeUInt16BE(partition, 1);
  key.writeBigUInt64BE(BigInt(offset), 3);
  return key;
}

export function offsetOfKey(key: Buffer): number {
  return Number(key.readBigUInt64BE(3));
}

/** Key of the index that finds the latest `state` record of a key. */
export function latestKey(partition: number, key: string): Buffer {
  const text = Buffer.from(key);
  const out = Buffer.allocUnsafe(2 + text.length);
  out.writeUInt16BE(partition, 0);
  text.copy(out, 2);
  return out;
}

const HEADER_BYTES = 11;
const NO_KEY = 0xffff;

/** A record's bytes: timestamp, length of the key (or none), whether it has a value, key, value. Throws when the key is too long. */
export function encodeRecord(timestamp: number, key: string | null, value: Buffer | string | null): Buffer {
  const keyBytes = key === null ? 0 : Buffer.byteLength(key);
  if (keyBytes >= NO_KEY) throw new RangeError(`A key of ${keyBytes} bytes is too long: ${NO_KEY - 1} are the most.`);
  const valueBytes = value === null ? 0 : Buffer.byteLength(value);
  const out = Buffer.allocUnsafe(HEADER_BYTES + keyBytes + valueBytes);
  out.writeDoubleBE(timestamp, 0);
  out.writeUInt16BE(key === null ? NO_KEY : keyBytes, 8);
  out.writeUInt8(value === null ? 0 : 1, 10);
  if (key !== null) out.write(key, HEADER_BYTES);
  if (typeof value === 'string') out.write(value, HEADER_BYTES + keyBytes);
  else value?.copy(out, HEADER_BYTES + keyBytes);
  return out;
}

export function decodeRecord(offset: number, bytes: Buffer): StoredRecord {
  const keyLength = bytes.readUInt16BE(8);
  const valueAt = HEADER_BYTES + (keyLength === NO_KEY ? 0 : keyLength);
  return {
    offset,
    timestamp: bytes.readDoubleBE(0),
    key: keyLength === NO_KEY ? null : bytes.toString('utf8', HEADER_BYTES, valueAt),
    value: bytes.readUInt8(10) === 0 ? null : bytes.subarray(valueAt),
  };
}

/** Where a partition ends: the next offset, and the latest timestamp. */
export interface PartitionEnd {
  readonly next: number;
  readonly timestamp: number;
}

export function endKey(topic: Topic, partition: number): Buffer {
  return Buffer.from(`end|${topic}|${partition}`);
}

export function encodeEnd(end: PartitionEnd): Buffer {
  const out = Buffer.allocUnsafe(16);
  out.writeDoubleBE(end.next, 0);
  out.writeDoubleBE(end.timestamp, 8);
  return out;
}

export function decodeEnd(bytes: Buffer | undefined): PartitionEnd {
  return bytes === undefined
    ? { next: 0, timestamp: 0 }
    : { next: bytes.readDoubleBE(0), timestamp: bytes.readDoubleBE(8) };
}
