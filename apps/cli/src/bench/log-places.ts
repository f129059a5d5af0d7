import { join } from 'node:path';
import { ARCHIVE_POLICY } from '#domain/policy';
import { createKafkaLog } from '#message-log/kafka/create-log';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { writeGenesis } from '#message-log/genesis';
import type { MessageLog } from '#message-log/message-log';
import { freshId } from '#runtime/clock/chance';
import { systemClock } from '#runtime/clock/system-clock';
import type { BenchmarkContext } from './benchmark.ts';

export const PARTITIONS = 4;

export type DisposableLog = MessageLog & { discard(): Promise<void> };

/** An adapter, and where a benchmark can have logs of its own in it. */
export interface LogPlace {
  readonly name: 'LMDB' | 'Kafka';
  /** Before the names of the topics of a log on Kafka. */
  prefix(log: string): string;
  /** Makes a log, or opens it again. It is an archive: its times are those of its records, and no deadline comes while it is filled. */
  open(log: string): Promise<DisposableLog>;
}

/** Kafka is among them when there is one. */
export function logPlaces({ directory, brokers }: BenchmarkContext): LogPlace[] {
  const lmdb: LogPlace = {
    name: 'LMDB',
    prefix: () => '',
    open: (log) =>
      Promise.resolve(
        LmdbLog.open({
          directory: join(directory, log),
          clock: systemClock,
          partitionCount: PARTITIONS,
          kind: 'archive',
        }),
      ),
  };
  if (brokers === null) return [lmdb];
  const run = `bench-${freshId().slice(0, 8)}`;
  const prefix = (log: string): string => `${run}.${log}.`;
  const topics = { partitionCount: PARTITIONS, replicationFactor: -1, kind: 'archive', retentionMs: -1 } as const;
  const made = new Set<string>();
  return [
    lmdb,
    {
      name: 'Kafka',
      prefix,
      async open(log) {
        const options = { brokers, clientId: 'presently-bench', prefix: prefix(log), clock: systemClock };
        if (made.has(log)) return KafkaLog.open(options);
        made.add(log);
        return createKafkaLog({ ...options, ...topics });
      },
    },
  ];
}

const APPENDS_AT_ONCE = 4;

/** Writes the policy, and blocks of records, each as one append; a few of them are under way at a time. */
export async function fillLog(
  log: MessageLog,
  startAt: number,
  blocks: Iterable<readonly FilledRecord[]>,
): Promise<number> {
  await writeGenesis(log, ARCHIVE_POLICY, startAt);
  return appendAll(log, blocks);
}

export interface FilledRecord {
  readonly key: string;
  readonly value: string;
  readonly timestamp: number;
}

/** Returns how many records there were. */
export async function appendAll(log: MessageLog, blocks: Iterable<readonly FilledRecord[]>): Promise<number> {
  const underWay: Promise<unknown>[] = [];
  let count = 0;
  for (const block of blocks) {
    count += block.length;
    underWay.push(log.append('events', block));
    if (underWay.length === APPENDS_AT_ONCE) await underWay.shift();
  }
  await Promise.all(underWay);
  return count;
}
