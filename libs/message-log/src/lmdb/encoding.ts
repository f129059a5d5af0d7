import type { StoredRecord, Topic } from '../message-log.ts';
import { TOPICS } from '../message-log.ts';

const HALF = 2 ** 32;
const KEY_BYTES = 11;

/** The bytes of a key where it is given; where it is read, only the offset in them. */
export type RecordKey = Buffer | number;

/** Keys of fixed length, so that ranges are in order: topic, partition, big-endian offset. */
export function recordKey(topic: Topic, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt8(TOPICS.indexOf(topic), 0);
  key.writeUInt16BE(partition, 1);
  // Halves, because a BigInt costs more than all the rest.
  key.writeUInt32BE(Math.floor(offset / HALF), 3);
  key.writeUInt32BE(offset % HALF, 7);
  return key;
}

export function offsetOfKey(key: RecordKey): number {
  return typeof key === 'number' ? key : readOffset(key, 0);
}

function readOffset(bytes: Buffer, keyAt: number): number {
  return bytes.readUInt32BE(keyAt + 3) * HALF + bytes.readUInt32BE(keyAt + 7);
}

/** How LMDB writes and reads keys: a Buffer for each that is read took as long as its record. */
export const keyEncoder = {
  writeKey: (key: Buffer, into: Buffer, at: number): number => at + key.copy(into, at),
  readKey: readOffset,
};

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
const [NOTHING, BYTES, TEXT] = [0, 1, 2];

/** A record without its offset. */
export type RecordBody = Omit<StoredRecord, 'offset'>;

/** A record's bytes: timestamp, length of the key (or none), what the value is, key, value. Throws when the key is too long. */
export function encodeRecord({ timestamp, key, value }: RecordBody): Buffer {
  const keyBytes = key === null ? 0 : Buffer.byteLength(key);
  if (keyBytes >= NO_KEY) throw new RangeError(`A key of ${keyBytes} bytes is too long: ${NO_KEY - 1} are the most.`);
  const valueBytes = value === null ? 0 : Buffer.byteLength(value);
  const out = Buffer.allocUnsafe(HEADER_BYTES + keyBytes + valueBytes);
  out.writeDoubleBE(timestamp, 0);
  out.writeUInt16BE(key === null ? NO_KEY : keyBytes, 8);
  out.writeUInt8(value === null ? NOTHING : typeof value === 'string' ? TEXT : BYTES, 10);
  if (key !== null) out.write(key, HEADER_BYTES);
  if (typeof value === 'string') out.write(value, HEADER_BYTES + keyBytes);
  else value?.copy(out, HEADER_BYTES + keyBytes);
  return out;
}

/** `bytes` holds others' after it: the record ends at `end`. */
export function decodeRecord(bytes: Buffer, end: number): RecordBody {
  const keyLength = bytes.readUInt16BE(8);
  const valueAt = HEADER_BYTES + (keyLength === NO_KEY ? 0 : keyLength);
  return {
    timestamp: bytes.readDoubleBE(0),
    key: keyLength === NO_KEY ? null : bytes.toString('utf8', HEADER_BYTES, valueAt),
    value: valueOf(bytes, valueAt, end),
  };
}

function valueOf(bytes: Buffer, at: number, end: number): RecordBody['value'] {
  if (bytes[10] === NOTHING) return null;
  return bytes[10] === TEXT ? bytes.toString('utf8', at, end) : Buffer.from(bytes.subarray(at, end));
}

/** How LMDB writes and reads records: out of its own buffer, of which a copy for each would take twice as long. */
export const recordEncoder = { encode: encodeRecord, decode: decodeRecord };

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
