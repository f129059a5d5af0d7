import type { Policy } from '#domain/policy';
import type { Restore } from '#domain/restore';
import type { StateRecord } from '#domain/state-records';
import type { MessageLog } from './message-log.ts';

/** Writes the policy as the first record of every partition that has none yet (semantics, section 2). */
export async function writeGenesis(log: MessageLog, policy: Policy, timestamp?: number): Promise<void> {
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { next } = await log.range('events', partition);
    if (next > 0) continue;
    const value = JSON.stringify({ type: 'policy.set', ...policy });
    await log.append('events', [{ key: null, value, partition, ...(timestamp === undefined ? {} : { timestamp }) }]);
  }
}

/** Reads a partition of `presence.state` from an offset on to its end, which is at least `to`. */
export async function readState(log: MessageLog, partition: number, into: Restore, to = 0, from = 0): Promise<void> {
  let at = from;
  do {
    for await (const { records, next } of log.read('state', partition, at)) {
      for (const { key, value } of records) {
        if (key !== null) into.take(key, value === null ? null : (JSON.parse(value.toString()) as StateRecord));
      }
      at = next;
    }
  } while (at < to); // Kafka may show the owner's own marker, which lies just before it, a little later
}
