import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { decodeEvent, decodeText } from '#domain/events';
import type { StateRecord } from '#domain/state-records';
import { checkpointRecord, idsOfKey, toRecords } from '#domain/state-records';
import { stateRecordSchema } from '#domain/state-record.schemas';
import { Fold } from '#domain/fold';
import { Restore } from '#domain/restore';
import { decodeValue } from '#message-log/decode-value';
import {
  decodeEnd,
  decodeRecord,
  encodeEnd,
  encodeRecord,
  keyEncoder,
  offsetOfKey,
  recordKey,
} from '#message-log/lmdb/encoding';
import { TOPICS } from '#message-log/message-log';
import { JsonFault, parseJson } from '#runtime/http/edge/json-text';
import { event, value } from './events.ts';
import { assertProperties } from './assert-properties.ts';

const LMDB_KEY_BYTES_MAX = 65_534;

/** Whatever bytes: an event that is the same when it is written and read again, or a refusal in words. */
const decoding = fc.property(value, (bytes) => {
  const decoded = decodeValue(bytes);
  if ('refused' in decoded) return decoded.refused !== '' && decoded.refused.length < 10_000;
  return JSON.stringify(decodeText(JSON.stringify(decoded.event))) === JSON.stringify(decoded); // not deeply: -0 becomes 0
});

/** Whatever values, also those that no JSON has. */
const decodingValues = fc.property(
  fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
  event,
  (any, good) => {
    const some = [any, { ...good, ts: any }, { ...good, user_id: any, blocked: any }, { ...good, device_id: any }];
    return some.every((one) => 'refused' in decodeEvent(one) || 'event' in decodeEvent(one));
  },
);

/** JSON from outside is read, or a fault of it is told. */
const parsing = fc.property(value, (bytes) => {
  const text = bytes?.toString() ?? '';
  try {
    JSON.stringify(parseJson(text));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
});

const key = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'x'.repeat(LMDB_KEY_BYTES_MAX))));
const offset = fc.maxSafeNat();
const time = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));

/** What the embedded log keeps of a record. */
const lmdbRecords = fc.property(time, key, value, fc.boolean(), (timestamp, name, bytes, isText) => {
  const record = { timestamp, key: name, value: isText ? (bytes?.toString() ?? null) : bytes };
  const encoded = encodeRecord(record);
  return same(decodeRecord(Buffer.concat([encoded, Buffer.from('others')]), encoded.length), record);
});

/** Its keys, which are in the order of the offsets. */
const lmdbKeys = fc.property(
  fc.constantFrom(...TOPICS),
  fc.nat(65_535),
  offset,
  offset,
  (topic, partition, one, other) => {
    const [a, b] = [recordKey(topic, partition, one), recordKey(topic, partition, other)];
    const end = { next: one, timestamp: other };
    return (
      offsetOfKey(a) === one &&
      keyEncoder.readKey(a, 0) === one &&
      Math.sign(Buffer.compare(a, b)) === Math.sign(one - other) &&
      same(decodeEnd(encodeEnd(end)), end)
    );
  },
);

/** All records of the state that follow from some events, in JSON: of the published form, and what the fold goes on with. */
const stateRecords = fc.property(fc.array(value, { maxLength: 30 }), (values) => {
  const fold = new Fold();
  for (const [at, bytes] of values.entries())
    fold.apply({ offset: at, timestamp: 1_000_000 + at, decoded: decodeValue(bytes) });
  const checkpoint = checkpointRecord('log', fold.checkpoint(), 1);
  const restore = new Restore();
  for (const { key: name, value: record } of toRecords(fold.drain(), checkpoint)) {
    const text = JSON.stringify(record);
    const read = JSON.parse(text) as StateRecord | null;
    restore.take(name, read);
    if (read === null) continue;
    stateRecordSchema.parse(read);
    if (JSON.stringify(read) !== text || !namesItsIds(name, read)) return false;
  }
  return JSON.stringify(restore.fold({}).checkpoint()) === JSON.stringify(fold.checkpoint());
});

const PROPERTIES = { decoding, decodingValues, parsing, lmdbRecords, lmdbKeys, stateRecords };

/** How many times each was tried. */
const SHARES: Readonly<Record<keyof typeof PROPERTIES, number>> = {
  decoding: 0.4,
  decodingValues: 0.1,
  parsing: 0.15,
  lmdbRecords: 0.15,
  lmdbKeys: 0.15,
  stateRecords: 0.05,
};

/**
 * Gives that many inputs to what reads and writes records: none throws, but with the refusal that it documents, and what was
 * written is read as it was. Throws with the least input that breaks it, and the seed.
 */
export function fuzzCodecs(
  count: number,
  seed: number,
  tick = (_done: number): void => undefined,
): Record<string, number> {
  return assertProperties(PROPERTIES, (name) => count * SHARES[name], seed, tick);
}

/** The ids in a key of the state are those that its record has. */
function namesItsIds(name: string, record: StateRecord): boolean {
  const ids: readonly unknown[] = idsOfKey(name).ids;
  switch (record.kind) {
    case 'user':
    case 'visibility':
      return same(ids, [record.user_id]);
    case 'member':
      return same(ids, [record.room_id, record.user_id]);
    case 'invite':
      return same(ids, [record.owner, record.observed]);
    case 'answer':
      return same(ids, [record.observed, record.owner]);
    default:
      return true;
  }
}

const same = (one: unknown, other: unknown): boolean => isDeepStrictEqual(one, other);
