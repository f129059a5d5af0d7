import type { StateRecord } from '#domain/state-records';
import { LogConfigError } from '../errors.ts';
import type { MessageLog } from '../message-log.ts';
import type { KafkaReader } from './kafka-reader.ts';

/** What a log was made with, and keeps. */
export interface Origin {
  readonly logId: string;
  readonly kind: MessageLog['kind'];
}

/** Where the origin is written: it is the first record there, and compaction keeps it. */
export const ORIGIN_PARTITION = 0;
export const ORIGIN_KEY = 'log';

/** The record of an origin, in the state topic. */
export function originRecord({ logId, kind }: Origin): { key: string; value: string } {
  const value: StateRecord = { kind: 'log', log_id: logId, log_kind: kind };
  return { key: ORIGIN_KEY, value: JSON.stringify(value) };
}

/** Throws a `LogConfigError` when there is none. */
export async function readOrigin(reader: KafkaReader): Promise<Origin> {
  for await (const { records } of reader.read('state', ORIGIN_PARTITION, 0)) {
    for (const { key, value } of records) {
      if (key !== ORIGIN_KEY || value === null) continue;
      const record = JSON.parse(value.toString()) as StateRecord;
      if (record.kind === 'log') return { logId: record.log_id, kind: record.log_kind };
    }
  }
  throw new LogConfigError(
    'The topics are there, but empty: run `presently topics create`, which may have been cut off.',
  );
}
