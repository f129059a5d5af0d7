import type { Topic } from '../message-log.ts';
import type { PartitionEnd } from './encoding.ts';
import { decodeEnd, encodeEnd, endKey } from './encoding.ts';
import type { LogFile } from './log-file.ts';

/** Where a partition ends. */
export function readEnd(meta: LogFile['meta'], topic: Topic, partition: number): PartitionEnd {
  return decodeEnd(meta.get(endKey(topic, partition)));
}

/**
 * The ends of partitions within one write: each is read and written once, and not with every record, which took two fifths of
 * an append's processor time.
 */
export class TransactionEnds {
  private readonly ends = new Map<Topic, Map<number, PartitionEnd>>();

  constructor(private readonly meta: LogFile['meta']) {}

  get(topic: Topic, partition: number): PartitionEnd {
    return this.ends.get(topic)?.get(partition) ?? readEnd(this.meta, topic, partition);
  }

  set(topic: Topic, partition: number, end: PartitionEnd): void {
    const ofTopic = this.ends.get(topic);
    if (ofTopic === undefined) this.ends.set(topic, new Map([[partition, end]]));
    else ofTopic.set(partition, end);
  }

  /** To be called last: what was set is lost otherwise. */
  write(): void {
    for (const [topic, ofTopic] of this.ends) {
      for (const [partition, end] of ofTopic) this.meta.putSync(endKey(topic, partition), encodeEnd(end));
    }
  }
}
