import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { open } from 'lmdb';
import { partitionOf } from '#domain/partitioner';
import { freshId } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
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
  StoredRecord,
  Topic,
} from '../message-log.ts';
import { TOPICS } from '../message-log.ts';
import { OWNER_SLOTS, ownerRecord } from '../owner-marker.ts';
import { joinAlone } from '../single-member.ts';
import { tail } from '../tail.ts';
import { lockDirectory } from './directory-lock.ts';
import {
  decodeEnd,
  decodeRecord,
  encodeEnd,
  encodeRecord,
  endKey,
  latestKey,
  offsetOfKey,
  recordKey,
} from './encoding.ts';

const FORMAT = 1;
const BATCH_RECORDS_MAX = 1_000;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

export interface LmdbLogOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** For a new log. An old one keeps what it was made with. */
  readonly partitionCount?: number;
  readonly kind?: 'live' | 'archive';
  /** Beside the process that owns the directory; what it appends later is not seen. */
  readonly readOnly?: boolean;
}

interface Meta {
  readonly format: number;
  readonly logId: string;
  readonly partitionCount: number;
  readonly kind: 'live' | 'archive';
}

/** The embedded log: durable, for one process. Records are visible to readers once they are on the disk. */
export class LmdbLog implements MessageLog {
  readonly logId: string;
  readonly partitionCount: number;
  readonly kind: 'live' | 'archive';
  private readonly appends = new AppendSignal();
  /** The next offset of each partition as readers may see it. */
  private readonly durableEnds = new Map<string, number>();
  private isClosed = false;

  /** Opens the log of a data directory, or makes it. Throws `LogConfigError` with a sentence when it cannot be used. */
  static open(options: LmdbLogOptions): LmdbLog {
    const unlock = options.readOnly === true ? () => undefined : lockDirectory(options.directory);
    try {
      return new LmdbLog(options, unlock);
    } catch (error) {
      unlock();
      if (error instanceof LogConfigError) throw error;
      throw new LogConfigError(
        `Cannot open the log in ${options.directory}: ${(error as Error).message}. ` +
          `If its disk is full or broken, mend that; else restore the directory from a backup.`,
        { cause: error },
      );
    }
  }

  private readonly root: RootDatabase<Buffer, Buffer>;
  private readonly records: Database<Buffer, Buffer>;
  private readonly latest: Database<Buffer, Buffer>;
  private readonly meta: Database<Buffer, Buffer>;

  private constructor(
    private readonly options: LmdbLogOptions,
    private readonly unlock: () => void,
  ) {
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    this.root = open<Buffer, Buffer>({
      path: join(options.directory, 'log.mdb'),
      maxDbs: 4,
      readOnly: options.readOnly === true,
      separateFlushed: true,
      ...binary,
    });
    this.records = this.root.openDB({ name: 'records', ...binary });
    this.latest = this.root.openDB({ name: 'latest', ...binary });
    this.meta = this.root.openDB({ name: 'meta', ...binary });
    const { logId, partitionCount, kind } = this.openMeta();
    this.logId = logId;
    this.partitionCount = partitionCount;
    this.kind = kind;
    for (const topic of TOPICS) {
      for (let partition = 0; partition < partitionCount; partition++) {
        this.durableEnds.set(`${topic}|${partition}`, decodeEnd(this.meta.get(endKey(topic, partition))).next);
      }
    }
  }

  async append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]> {
    const targets = records.map((record) => record.partition ?? partitionOf(record.key ?? '', this.partitionCount));
    const offsets = await this.write(() =>
      records.map((record, index) => this.put(topic, targets[index] ?? 0, record, record.timestamp)),
    );
    if (offsets === null) throw new LogUnavailableError('The log is closed.');
    const appended = offsets.map((offset, index) => ({ partition: targets[index] ?? 0, offset }));
    this.publish(topic, appended);
    return appended;
  }

  range(topic: Topic, partition: number): Promise<OffsetRange> {
    const next = this.durableEnd(topic, partition);
    const range = { start: recordKey(topic, partition, 0), end: recordKey(topic, partition, next), limit: 1 };
    for (const key of this.records.getKeys(range)) return Promise.resolve({ first: offsetOfKey(key), next });
    return Promise.resolve({ first: next, next });
  }

  async *read(topic: Topic, partition: number, from: number): AsyncIterable<Batch> {
    const end = this.durableEnd(topic, partition);
    for (let at = from; at < end;) {
      const batch = await Promise.resolve(this.batch(topic, partition, at, end));
      const last = batch.records.at(-1);
      if (last === undefined) return;
      yield batch;
      at = last.offset + 1;
    }
  }

  follow(topic: Topic, partition: number, from: number, handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const source = {
      news: () => this.appends.wait(topic, partition, signal),
      batch: (at: number) => this.batch(topic, partition, at, this.durableEnd(topic, partition)),
    };
    return tail(source, from, handler, signal);
  }

  join(_group: string, member: GroupMember): Promise<Membership> {
    return Promise.resolve(joinAlone(this, member));
  }

  async own(partition: number): Promise<Ownership> {
    const epochKey = Buffer.from(`owner|${partition}`);
    const epoch = Number(this.meta.get(epochKey)?.toString() ?? '0') + 1;
    await this.write(() => {
      this.meta.putSync(epochKey, Buffer.from(`${epoch}`));
      for (const slot of OWNER_SLOTS) this.put('state', partition, ownerRecord(slot, `${epoch}`));
    });
    const restoreTo = decodeEnd(this.meta.get(endKey('state', partition))).next;
    this.publishEnd('state', partition, restoreTo);
    const isOwner = (): boolean => this.meta.get(epochKey)?.toString() === `${epoch}`;
    return {
      restoreTo,
      commit: (records) => this.commit(partition, records, isOwner),
      release: () => Promise.resolve(),
    };
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      await this.root.flushed;
      await this.root.close();
    } finally {
      this.unlock();
    }
  }

  private async commit(partition: number, records: readonly CommitRecord[], isOwner: () => boolean): Promise<void> {
    const written = await this.write(() => {
      if (!isOwner()) return null;
      return records.map((record) => ({ partition, offset: this.put(record.topic, partition, record) }));
    });
    if (written === null) throw new FencedError(`Partition ${partition} has a new owner.`);
    for (const topic of ['dead-letters', 'state'] as const) {
      this.publish(
        topic,
        written.filter((_, index) => records[index]?.topic === topic),
      );
    }
  }

  /** Runs `put` in one transaction with whatever else is being written, and waits until it is on the disk. */
  private async write<Result>(put: () => Result): Promise<Result> {
    if (this.isClosed) throw new LogUnavailableError('The log is closed.');
    if (this.options.readOnly === true) throw new LogUnavailableError('The log was opened for reading only.');
    try {
      const committed = this.root.transaction(put) as Promise<Result> & { flushed?: Promise<unknown> };
      const result = await committed;
      await (committed.flushed ?? this.root.flushed);
      return result;
    } catch (error) {
      throw new LogUnavailableError(`The embedded log cannot be written: ${(error as Error).message}.`, {
        cause: error,
      });
    }
  }

  /** Within a transaction: writes one record and returns its offset. */
  private put(topic: Topic, partition: number, record: NewRecord, timestamp?: number): number {
    const end = decodeEnd(this.meta.get(endKey(topic, partition)));
    const time = this.kind === 'archive' && timestamp !== undefined ? timestamp : this.options.clock.now();
    const latest = Math.max(end.timestamp, time);
    const offset = end.next;
    const key = recordKey(topic, partition, offset);
    this.records.putSync(key, encodeRecord(latest, record.key, record.value));
    this.meta.putSync(endKey(topic, partition), encodeEnd({ next: offset + 1, timestamp: latest }));
    if (topic === 'state' && record.key !== null) this.supersede(partition, record.key, key);
    return offset;
  }

  /** Of `state`, only the latest record of each key stays. */
  private supersede(partition: number, key: string, recordAt: Buffer): void {
    const indexKey = latestKey(partition, key);
    const old = this.latest.get(indexKey);
    if (old !== undefined) this.records.removeSync(old);
    this.latest.putSync(indexKey, recordAt);
  }

  private batch(topic: Topic, partition: number, from: number, end: number): Batch {
    const records: StoredRecord[] = [];
    let bytes = 0;
    if (from < end) {
      const range = { start: recordKey(topic, partition, from), end: recordKey(topic, partition, end) };
      for (const { key, value } of this.records.getRange({ ...range, limit: BATCH_RECORDS_MAX })) {
        records.push(decodeRecord(offsetOfKey(key), value));
        bytes += value.length;
        if (bytes >= BATCH_BYTES_MAX) break;
      }
    }
    return { records, end };
  }

  private durableEnd(topic: Topic, partition: number): number {
    return this.durableEnds.get(`${topic}|${partition}`) ?? 0;
  }

  private publish(topic: Topic, appended: readonly Appended[]): void {
    const ends = new Map(appended.map(({ partition, offset }) => [partition, offset + 1]));
    for (const [partition, next] of ends) this.publishEnd(topic, partition, next);
  }

  private publishEnd(topic: Topic, partition: number, next: number): void {
    const key = `${topic}|${partition}`;
    this.durableEnds.set(key, Math.max(next, this.durableEnds.get(key) ?? 0));
    this.appends.wake(topic, partition);
  }

  private openMeta(): Meta {
    const key = Buffer.from('log');
    const stored = this.meta.get(key);
    if (stored !== undefined) {
      const meta = JSON.parse(stored.toString()) as Meta;
      if (meta.format === FORMAT) return meta;
      throw new LogConfigError(
        `The log in ${this.options.directory} has format ${meta.format}, and this version reads ${FORMAT}: ` +
          `use the version that made it.`,
      );
    }
    if (this.options.readOnly === true) throw new LogConfigError(`There is no log in ${this.options.directory}.`);
    const meta: Meta = {
      format: FORMAT,
      logId: freshId(),
      partitionCount: this.options.partitionCount ?? 4,
      kind: this.options.kind ?? 'live',
    };
    this.meta.putSync(key, Buffer.from(JSON.stringify(meta)));
    return meta;
  }
}
