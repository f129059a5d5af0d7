import type { Batch, BatchHandler, Start, StoredRecord } from './message-log.ts';

export interface TailSource {
  /** The next batch of the partition from `offset` on; without records when there are none yet. */
  batch(partition: number, offset: number): Promise<Batch> | Batch;
  /** Resolves when there may be more, or when the signal is aborted. */
  news(partition: number, signal: AbortSignal): Promise<void>;
}

/** Reads partitions batch after batch, waits at the end for more, and stops at the signal, or when the handler throws. */
export async function tail(
  source: TailSource,
  from: readonly Start[],
  handler: BatchHandler,
  signal: AbortSignal,
): Promise<void> {
  const failing = new AbortController();
  const stopping = AbortSignal.any([signal, failing.signal]);
  const tails = from.map((start) => tailOne(source, start, handler, stopping).finally(() => failing.abort()));
  for (const result of await Promise.allSettled(tails)) if (result.status === 'rejected') throw result.reason;
}

async function tailOne(source: TailSource, start: Start, handler: BatchHandler, signal: AbortSignal): Promise<void> {
  const { partition } = start;
  let at = start.offset;
  let news = source.news(partition, signal); // asked for before reading, so that nothing appended in between is missed
  while (!signal.aborted) {
    const batch = await source.batch(partition, at);
    if (signal.aborted) return;
    if (batch.records.length === 0) {
      await news;
      news = source.news(partition, signal);
      continue;
    }
    at = batch.next;
    await handler(partition, batch);
  }
}

/** Reads one partition batch after batch, until there is nothing more. */
export async function* readToEnd(
  source: Pick<TailSource, 'batch'>,
  partition: number,
  from: number,
): AsyncIterable<Batch> {
  for (let at = from; ;) {
    const batch = await source.batch(partition, at);
    if (batch.records.length === 0) return;
    yield batch;
    at = batch.next;
  }
}

/** The batch of a log in which every offset was given to a record: `records` are all that there are from `from` on, in order. */
export function denseBatch(records: readonly StoredRecord[], from: number, end: number): Batch {
  const next = (records.at(-1)?.offset ?? from - 1) + 1;
  return { records, from, holes: next - from - records.length, next, end };
}
