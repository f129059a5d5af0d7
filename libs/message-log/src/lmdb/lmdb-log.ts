import type { Clock } from '#runtime/clock/clock';
import { yieldToOthers } from '#runtime/clock/system-clock';
import { AppendSignal } from '../append-signal.ts';
import { FencedError, LogConfigError, LogUnavailableError } from '../errors.ts';
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
import { lockDirectory } from './directory-lock.ts';
import type { PartitionEnd } from './encoding.ts';
import { latestKey, offsetOfKey, recordKey } from './encoding.ts';
import { GroupCommit } from './group-commit.ts';
import type { LogFile } from './log-file.ts';
import { openLogFile, removeLogFile } from './log-file.ts';
import { readEnd, TransactionEnds } from './transaction-ends.ts';

/** As many as a projector commits together: each commit waits for the disk. */
const BATCH_RECORDS_MAX = 5_000;
/** Of the values, in bytes, or characters of those that are text. */
const BATCH_LENGTH_MAX = 4 * 1024 * 1024;

export interface LmdbLogOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** Of a new log, 4 if not given. An old one keeps what it was made with, and is refused when another number is given. */
  readonly partitionCount?: number | undefined;
  readonly kind?: 'live' | 'archive';
  /** Beside the process that owns the directory; `follow` does not hear of what that one appends. */
  readonly readOnly?: boolean;
}

/** The embedded log: durable, for one process. Records are visible to readers once they are on the disk. */
export class LmdbLog implements MessageLog {
  readonly logId: string;
  readonly partitionCount: number;
  readonly kind: 'live' | 'archive';
  private readonly appends = new AppendSignal();
  private isClosed = false;

  /** Opens the log of a data directory, or makes it. Throws `LogConfigError` with a sentence when it cannot be used. */
  static open(options: LmdbLogOptions): LmdbLog {
    const { directory, readOnly, partitionCount, kind = 'live' } = options;
    const unlock = readOnly === true ? () => undefined : lockDirectory(directory);
    try {
      return new LmdbLog(options, openLogFile(directory, readOnly === true ? null : { partitionCount, kind }), unlock);
    } catch (error) {
      unlock();
      if (error instanceof LogConfigError) throw error;
      throw new LogConfigError(
        `Cannot open the log in ${directory}: ${(error as Error).message}. ` +
          `If its disk is full or broken, mend that; else restore the directory from a backup.`,
        { cause: error },
      );
    }
  }

  private readonly records: LogFile['records'];
  private readonly latest: LogFile['latest'];
  private readonly meta: LogFile['meta'];
  private readonly transactions: GroupCommit;

  private constructor(
    private readonly options: LmdbLogOptions,
    private readonly file: LogFile,
    private readonly unlock: () => void,
  ) {
    const { origin, root, records, latest, meta } = file;
    this.logId = origin.logId;
    this.partitionCount = origin.partitionCount;
    this.kind = origin.kind;
    this.records = records;
    this.latest = latest;
    this.meta = meta;
    this.transactions = new GroupCommit(root);
  }

  async append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]> {
    const places = records.map((record) => placeOf(record, this.partitionCount));
    const appended = await this.write(() => {
      const ends = new TransactionEnds(this.meta);
      const written = records.map((record, index) => {
        const partition = places[index] ?? 0;
        return { partition, ...this.put(ends, topic, partition, record, record.timestamp) };
      });
      ends.write();
      return written;
    });
    for (const partition of new Set(places)) this.appends.wake(topic, partition);
    return appended;
  }

  async range(topic: Topic, partition: number): Promise<OffsetRange> {
    return this.reading(() => {
      const { next } = this.end(topic, partition);
      const range = { start: recordKey(topic, partition, 0), end: recordKey(topic, partition, next), limit: 1 };
      for (const key of this.records.getKeys(range)) return { first: offsetOfKey(key), next };
      return { first: next, next };
    });
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
    const epochKey = Buffer.from(`owner|${partition}`);
    const lastEpoch = (): number => Number(this.meta.get(epochKey)?.toString() ?? '0');
    const { epoch, restoreTo } = await this.write(() => {
      const epoch = lastEpoch() + 1;
      this.meta.putSync(epochKey, Buffer.from(`${epoch}`));
      const ends = new TransactionEnds(this.meta);
      for (const slot of OWNER_SLOTS) this.put(ends, 'state', partition, ownerRecord(slot, `${epoch}`));
      ends.write();
      return { epoch, restoreTo: this.end('state', partition).next };
    });
    this.appends.wake('state', partition);
    return {
      restoreTo,
      commit: (records) => this.commit(partition, records, () => lastEpoch() === epoch),
      release: () => Promise.resolve(),
    };
  }

  close(): Promise<void> {
    return this.closeAnd(() => undefined);
  }

  /** Closes the log and removes it, as if it had never been made. */
  discard(): Promise<void> {
    return this.closeAnd(() => removeLogFile(this.options.directory));
  }

  private async commit(partition: number, records: readonly CommitRecord[], isOwner: () => boolean): Promise<number> {
    for (const { key } of records) checkKey(key);
    const next = await this.write(() => {
      if (!isOwner()) return null;
      const ends = new TransactionEnds(this.meta);
      for (const record of records) this.put(ends, record.topic, partition, record);
      ends.write();
      return ends.get('state', partition).next;
    });
    if (next === null) throw new FencedError(`Partition ${partition} has a new owner.`);
    for (const topic of new Set(records.map((record) => record.topic))) this.appends.wake(topic, partition);
    return next;
  }

  private async closeAnd(finish: () => void): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.appends.wakeAll();
    try {
      await this.file.root.close(); // what is being written is finished first
      finish();
    } finally {
      this.unlock();
    }
  }

  private async write<Result>(put: () => Result): Promise<Result> {
    if (this.isClosed) throw new LogUnavailableError('The log is closed.');
    if (this.options.readOnly === true) throw new LogUnavailableError('The log was opened for reading only.');
    try {
      return await this.transactions.run(put);
    } catch (error) {
      throw new LogUnavailableError(
        `The log in ${this.options.directory} cannot be written: ${(error as Error).message}. Is its disk full?`,
        { cause: error },
      );
    }
  }

  private reading<Result>(read: () => Result): Result {
    if (this.isClosed) throw new LogUnavailableError('The log is closed.');
    try {
      return read();
    } catch (error) {
      throw new LogUnavailableError(
        `The log in ${this.options.directory} cannot be read: ${(error as Error).message}.`,
        { cause: error },
      );
    }
  }

  /** Within a transaction: writes one record and returns where it is. */
  private put(
    ends: TransactionEnds,
    topic: Topic,
    partition: number,
    record: NewRecord,
    timestamp?: number,
  ): Pick<Appended, 'offset' | 'timestamp'> {
    const end = ends.get(topic, partition);
    const time = this.kind === 'archive' && timestamp !== undefined ? timestamp : this.options.clock.now();
    const latest = Math.max(end.timestamp, time);
    const offset = end.next;
    const key = recordKey(topic, partition, offset);
    this.records.putSync(key, { timestamp: latest, key: record.key, value: record.value });
    ends.set(topic, partition, { next: offset + 1, timestamp: latest });
    if (topic === 'state' && record.key !== null) this.supersede(partition, record.key, key);
    return { offset, timestamp: latest };
  }

  /** Of `state`, only the latest record of each key stays. */
  private supersede(partition: number, key: string, recordAt: Buffer): void {
    const indexKey = latestKey(partition, key);
    const old = this.latest.get(indexKey);
    if (old !== undefined) this.records.removeSync(old);
    this.latest.putSync(indexKey, recordAt);
  }

  private end(topic: Topic, partition: number): PartitionEnd {
    return readEnd(this.meta, topic, partition);
  }

  private source(topic: Topic): TailSource {
    return {
      batch: (partition, offset) => this.batch(topic, partition, offset),
      news: (partition, signal) => this.appends.wait(topic, partition, signal),
    };
  }

  private async batch(topic: Topic, partition: number, from: number): Promise<Batch> {
    await yieldToOthers(); // reading waits for nothing, and a long read would keep all else waiting
    return this.reading(() => {
      const records: StoredRecord[] = [];
      // The end and the records are of one moment: lmdb-js keeps its snapshot while nothing is awaited.
      const { next: end } = this.end(topic, partition);
      const range = { start: recordKey(topic, partition, from), end: recordKey(topic, partition, end) };
      let length = 0;
      for (const { key, value } of this.records.getRange({ ...range, limit: BATCH_RECORDS_MAX })) {
        records.push({ offset: offsetOfKey(key), ...value });
        length += value.value?.length ?? 0;
        if (length >= BATCH_LENGTH_MAX) break;
      }
      return denseBatch(records, from, end);
    });
  }
}
