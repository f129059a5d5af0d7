/**
 * The port to the message log. Three topics with the same number of partitions: what happened, what follows from it,
 * and what could not be folded. Adapters promise, and `test/contract` checks:
 *
 * - the records of a partition are read in the order of their offsets, which only grow, and may have gaps;
 * - timestamps of a live log are the log's own, and never go back within a partition;
 * - a keyed record without a partition goes to the partition of its key (murmur2);
 * - `append` resolves when the records are durable, and rejects when they may not be: then they can still turn up;
 * - a commit is all or nothing, readers never see part of one, and only the latest owner of a partition can commit;
 * - of `state`, at least the latest record of each key is kept.
 */
export interface MessageLog {
  /** Names this log for good; tokens and checkpoints are bound to it. */
  readonly logId: string;
  readonly partitionCount: number;
  /** An archive keeps the times of an imported file and gets no ticks by the clock. */
  readonly kind: 'live' | 'archive';

  /** Appends records, in order within each partition. Rejects with `LogUnavailableError` when the log cannot take them. */
  append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]>;

  /** The first offset that is still there, and the one that the next record will get. */
  range(topic: Topic, partition: number): Promise<OffsetRange>;

  /**
   * Reads from `from` to the end, in batches: all that is there now, and what comes in the meantime perhaps. Of a key of
   * `state` that is written anew in the meantime, the old record or the new one is read, or both.
   */
  read(topic: Topic, partition: number, from: number): AsyncIterable<Batch>;

  /**
   * Hands over the batches of partitions as they come, those of one partition one after another, until `signal` is
   * aborted; then resolves. A handler that throws ends it with that error.
   */
  follow(topic: Topic, from: readonly Start[], handler: BatchHandler, signal: AbortSignal): Promise<void>;

  /** Shares the partitions of `events` among the members of a group. */
  join(group: string, member: GroupMember): Promise<Membership>;

  /** Takes a partition over for writing what follows from it, and fences whoever owned it before. */
  own(partition: number): Promise<Ownership>;

  close(): Promise<void>;
}

export type Topic = 'events' | 'state' | 'dead-letters';
export const TOPICS: readonly Topic[] = ['events', 'state', 'dead-letters'];

export interface NewRecord {
  readonly key: string | null;
  readonly value: string | Buffer | null;
  /** Needed for records without a key. */
  readonly partition?: number;
  /** Only when an archive is written, milliseconds. */
  readonly timestamp?: number;
}

export interface Appended {
  readonly partition: number;
  readonly offset: number;
  /** The record's, which the log gave it, milliseconds. */
  readonly timestamp: number;
}

export interface StoredRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  /** A string where it is known to be well-formed text; bytes are looked at by who reads them. */
  readonly value: Buffer | string | null;
}

export interface Batch {
  /** None: the adapter has only found that there is nothing more up to `next`. */
  readonly records: readonly StoredRecord[];
  /** Where it was read from: it follows on the `next` of the batch before, or nobody has looked at what lies between. */
  readonly from: number;
  /**
   * How many offsets from `from` to before `next` hold nothing: neither a record nor what a transaction leaves behind. In
   * `events` there is none, unless a record was lost; in `state` they are what compaction has taken away.
   */
  readonly holes: number;
  /** Where to read on; after the last record there may be offsets that hold none. */
  readonly next: number;
  /** The offset that the next record of the partition was to get when the batch was read. */
  readonly end: number;
}

/** Where to begin reading a partition. */
export interface Start {
  readonly partition: number;
  readonly offset: number;
}

export interface OffsetRange {
  readonly first: number;
  readonly next: number;
}

export type BatchHandler = (partition: number, batch: Batch) => Promise<void>;

/** What a member of a group is told. The calls of one partition never overlap. */
export interface GroupMember {
  /** The partition is this member's; returns the offset to read it from. A throw ends the membership with that error. */
  assigned(partition: number): Promise<number>;
  batch(partition: number, batch: Batch): Promise<void>;
  /** The partition is another's now. */
  revoked(partition: number): Promise<void>;
}

export interface Membership {
  /** Settles when the membership has ended: rejects when it ended by an error. */
  readonly ended: Promise<void>;
  leave(): Promise<void>;
}

export interface CommitRecord {
  readonly topic: 'state' | 'dead-letters';
  readonly key: string | null;
  readonly value: string | Buffer | null;
}

export interface Ownership {
  /** All that earlier owners committed to the `state` partition lies before this offset. */
  readonly restoreTo: number;
  /**
   * Writes all records to the owned partition, or none. Resolves with the offset after the last of the state: before it there
   * is nothing that another owner has written since this one took over. Rejects with `FencedError` when another has taken over.
   */
  commit(records: readonly CommitRecord[]): Promise<number>;
  release(): Promise<void>;
}
