import type { Clock } from '#runtime/clock/clock';
import { AppendSignal } from '../append-signal.ts';
import { FencedError, LogUnavailableError } from '../errors.ts';
import type {
  Appended,
  Batch,
  BatchHandler,
  CommitRecord,
  GroupMember,
  Membership,
  MessageLog,
  NewRecord,
  OffsetRange,
  Ownership,
  Start,
  StoredRecord,
  Topic,
} from '../message-log.ts';
import { OWNER_SLOTS, ownerRecord } from '../owner-marker.ts';
import { checkKey, placeOf } from '../placement.ts';
import { joinAlone } from '../single-member.ts';
import type { TailSource } from '../tail.ts';
import { denseBatch, readToEnd, tail } from '../tail.ts';

const BATCH_RECORDS_MAX = 1_000;

export interface MemoryLogOptions {
  readonly logId: string;
  readonly partitionCount: number;
  readonly clock: Clock;
  readonly kind?: 'live' | 'archive';
  readonly batchRecordsMax?: number;
}

/** The log in memory: for the simulation, and for folding without a disk. */
export class MemoryLog implements MessageLog {
  readonly logId: string;
  readonly partitionCount: number;
  readonly kind: 'live' | 'archive';
  private readonly clock: Clock;
  private readonly batchRecordsMax: number;
  private readonly partitions = new Map<string, MemoryPartition>();
  private readonly owners: number[];
  private readonly appends = new AppendSignal();
  private isClosed = false;

  constructor(options: MemoryLogOptions) {
    this.logId = options.logId;
    this.partitionCount = options.partitionCount;
    this.kind = options.kind ?? 'live';
    this.clock = options.clock;
    this.batchRecordsMax = options.batchRecordsMax ?? BATCH_RECORDS_MAX;
    this.owners = Array.from({ length: options.partitionCount }, () => 0);
  }

  async append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]> {
    const places = records.map((record) => placeOf(record, this.partitionCount));
    this.requireOpen();
    const appended = records.map((record, index) => {
      const partition = places[index] ?? 0;
      return { partition, ...this.write(topic, partition, record) };
    });
    for (const partition of new Set(places)) this.appends.wake(topic, partition);
    return appended;
  }

  range(topic: Topic, partition: number): Promise<OffsetRange> {
    const { records, next } = this.partition(topic, partition);
    return Promise.resolve({ first: records[0]?.offset ?? next, next });
  }

  read(topic: Topic, partition: number, from: number): AsyncIterable<Batch> {
    return readToEnd(this.source(topic), partition, from);
  }

  follow(topic: Topic, from: readonly Start[], handler: BatchHandler, signal: AbortSignal): Promise<void> {
    return tail(this.source(topic), from, handler, signal);
  }

  join(_group: string, member: GroupMember): Promise<Membership> {
    return Promise.resolve(joinAlone(this, member));
  }

  async own(partition: number): Promise<Ownership> {
    const epoch = (this.owners[partition] ?? 0) + 1;
    this.owners[partition] = epoch;
    for (const slot of OWNER_SLOTS) this.write('state', partition, ownerRecord(slot, `${epoch}`));
    this.appends.wake('state', partition);
    return {
      restoreTo: this.partition('state', partition).next,
      commit: (records) => this.commit(partition, epoch, records),
      release: () => Promise.resolve(),
    };
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.appends.wakeAll();
    return Promise.resolve();
  }

  /** Forgets all but the latest record of each key of `state`, and, unless they are to be kept, tombstones. */
  compact({ keepsTombstones = false } = {}): void {
    for (let partition = 0; partition < this.partitionCount; partition++) {
      const state = this.partition('state', partition);
      const latest = new Map(state.records.map((record) => [record.key, record.offset]));
      state.records = state.records.filter(
        ({ key, offset, value }) => latest.get(key) === offset && (value !== null || keepsTombstones),
      );
    }
  }

  private async commit(partition: number, epoch: number, records: readonly CommitRecord[]): Promise<number> {
    for (const { key } of records) checkKey(key);
    this.requireOpen();
    if (this.owners[partition] !== epoch) throw new FencedError(`Partition ${partition} has a new owner.`);
    for (const record of records) this.write(record.topic, partition, record);
    for (const topic of ['state', 'dead-letters'] as const) this.appends.wake(topic, partition);
    return this.partition('state', partition).next;
  }

  private requireOpen(): void {
    if (this.isClosed) throw new LogUnavailableError('The log is closed.');
  }

  private write(
    topic: Topic,
    partition: number,
    { key, value, timestamp }: NewRecord,
  ): Pick<Appended, 'offset' | 'timestamp'> {
    const at = this.partition(topic, partition);
    const time = this.kind === 'archive' && timestamp !== undefined ? timestamp : this.clock.now();
    at.lastTimestamp = Math.max(at.lastTimestamp, time);
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    at.records.push({ offset: at.next, timestamp: at.lastTimestamp, key, value: bytes });
    return { offset: at.next++, timestamp: at.lastTimestamp };
  }

  private source(topic: Topic): TailSource {
    return {
      batch: (partition, offset) => this.batch(topic, partition, offset),
      news: (partition, signal) => this.appends.wait(topic, partition, signal),
    };
  }

  private batch(topic: Topic, partition: number, from: number): Batch {
    this.requireOpen();
    const { records, next } = this.partition(topic, partition);
    const first = firstAtOrAfter(records, from);
    const batch = records.slice(first, first + this.batchRecordsMax);
    return denseBatch(batch, from, next);
  }

  private partition(topic: Topic, partition: number): MemoryPartition {
    const key = `${topic}|${partition}`;
    let found = this.partitions.get(key);
    if (found === undefined) {
      found = { records: [], next: 0, lastTimestamp: 0 };
      this.partitions.set(key, found);
    }
    return found;
  }
}

interface MemoryPartition {
  records: StoredRecord[];
  next: number;
  lastTimestamp: number;
}

function firstAtOrAfter(records: readonly StoredRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.offset ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
