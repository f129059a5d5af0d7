import type { Batch, BatchHandler } from './message-log.ts';

export interface TailSource {
  /** The next batch from `offset` on; without records when there are none yet. */
  batch(offset: number): Promise<Batch> | Batch;
  /** Resolves when there may be more, or when the signal is aborted. */
  news(): Promise<void>;
}

/** Reads batch after batch, waits at the end for more, and stops at the signal. Errors of the handler pass through. */
export async function tail(
  source: TailSource,
  from: number,
  handler: BatchHandler,
  signal: AbortSignal,
): Promise<void> {
  let at = from;
  let news = source.news(); // asked for before reading, so that nothing appended in between is missed
  while (!signal.aborted) {
    const batch = await source.batch(at);
    if (signal.aborted) return;
    const last = batch.records.at(-1);
    if (last === undefined) {
      await news;
      news = source.news();
      continue;
    }
    at = last.offset + 1;
    await handler(batch);
  }
}
