import type { Batch, GroupMember, Membership, MessageLog } from './message-log.ts';

/** Group membership where there is only one process: all partitions are the member's until it leaves. */
export function joinAlone(log: MessageLog, member: GroupMember): Membership {
  const stop = new AbortController();
  const partitions = Array.from({ length: log.partitionCount }, (_, partition) => partition);
  const work = async (partition: number): Promise<void> => {
    try {
      const from = await member.assigned(partition);
      const handler = (_: number, batch: Batch): Promise<void> => member.batch(partition, batch);
      await log.follow('events', [{ partition, offset: from }], handler, stop.signal);
    } finally {
      stop.abort();
      await member.revoked(partition);
    }
  };
  // All of them have stopped before it counts as ended, so that a next membership never meets work of this one.
  const ended = Promise.allSettled(partitions.map(work)).then((results) => {
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  });
  return {
    ended,
    async leave() {
      stop.abort();
      await ended.catch(() => undefined); // whoever looks at `ended` hears of the error
    },
  };
}
