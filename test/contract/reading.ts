import type { Batch, MessageLog, StoredRecord, Topic } from '#message-log/message-log';

/** All records of a partition from an offset on. */
export async function readAll(log: MessageLog, topic: Topic, partition: number, from = 0): Promise<StoredRecord[]> {
  const all: StoredRecord[] = [];
  for await (const { records } of log.read(topic, partition, from)) all.push(...records);
  return all;
}

/** The values of a partition, as text. */
export async function readValues(log: MessageLog, topic: Topic, partition: number, from = 0): Promise<string[]> {
  const records = await readAll(log, topic, partition, from);
  return records.map(({ value }) => value?.toString() ?? 'null');
}

/** Follows a partition and gathers what comes. */
export class Follower {
  readonly batches: Batch[] = [];
  readonly ended: Promise<void>;
  private readonly stopping = new AbortController();
  private readonly waiting: { count: number; resolve: () => void }[] = [];

  constructor(log: MessageLog, topic: Topic, partition: number, from: number) {
    const take = (_: number, batch: Batch): Promise<void> => {
      this.batches.push(batch);
      for (const { count, resolve } of this.waiting) if (this.records.length >= count) resolve();
      return Promise.resolve();
    };
    this.ended = log.follow(topic, [{ partition, offset: from }], take, this.stopping.signal);
  }

  get records(): StoredRecord[] {
    return this.batches.flatMap(({ records }) => records);
  }

  get values(): string[] {
    return this.records.map(({ value }) => value?.toString() ?? 'null');
  }

  /** Resolves when that many records have come. */
  async until(count: number): Promise<void> {
    if (this.records.length >= count) return;
    await Promise.race([new Promise<void>((resolve) => this.waiting.push({ count, resolve })), this.ended]);
  }

  stop(): Promise<void> {
    this.stopping.abort();
    return this.ended;
  }
}
