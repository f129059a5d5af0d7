import { ResumeTokens } from '#delivery/resume-token';
import { partitionOf } from '#domain/partitioner';
import type { StoredRecord, Topic } from '#message-log/message-log';
import type { MemoryLog } from '#message-log/memory/memory-log';
import { LogHistory } from '../oracle/log-history.ts';
import { clientFaults } from './client-checks.ts';
import { frameFaults } from './frame-checks.ts';
import { deadLetterFaults, overdueFaults, stateFaults } from './state-checks.ts';
import type { World } from './world.ts';

/** Compares everything that came out of a world with a naive fold of its log. Returns what is wrong, as sentences. */
export async function check({ log, clients, upstream, roomPolicy, tokenKey, now, faults }: World): Promise<string[]> {
  const { partitionCount } = log;
  const [events, state, deadLetters] = await Promise.all(
    (['events', 'state', 'dead-letters'] as const).map((topic) => readAll(log, topic)),
  );
  const records = events?.map((partition) =>
    partition.map(({ offset, timestamp, key, value }) => ({ offset, timestamp, key, value: String(value) })),
  );
  const history = new LogHistory(records ?? [], (userId) => partitionOf(userId, partitionCount), roomPolicy);
  const tokens = new ResumeTokens(tokenKey, log.logId);
  return [
    ...faults,
    ...upstream.faults(events ?? []),
    ...stateFaults(state ?? [], history),
    ...deadLetterFaults(deadLetters ?? [], history),
    ...overdueFaults(history, now),
    ...clients.flatMap(({ userId, happenings }) => [
      ...frameFaults(userId, happenings, history),
      ...clientFaults(userId, happenings, history, tokens),
    ]),
  ];
}

function readAll(log: MemoryLog, topic: Topic): Promise<StoredRecord[][]> {
  const read = async (partition: number): Promise<StoredRecord[]> => {
    const all: StoredRecord[] = [];
    for await (const { records } of log.read(topic, partition, 0)) all.push(...records);
    return all;
  };
  return Promise.all(Array.from({ length: log.partitionCount }, (_, partition) => read(partition)));
}
