import type { Kafka, Producer } from 'kafkajs';
import { FencedError } from '../errors.ts';
import type { CommitRecord, Ownership } from '../message-log.ts';
import { OWNER_SLOTS, ownerRecord } from '../owner-marker.ts';
import { logError } from './kafka-errors.ts';
import { messageBytes } from './message-bytes.ts';
import { sendTo } from './send.ts';

/** After this the brokers abort what a dead owner has begun, so that readers are not held up for longer. */
const TRANSACTION_MS_MAX = 10_000;
const SEND_BYTES_MAX = 900_000;

export interface OwnedPartition {
  readonly kafka: Kafka;
  readonly partition: number;
  /** The two transactional ids begin with this. */
  readonly idPrefix: string;
  readonly ownerId: string;
  topicName(topic: CommitRecord['topic']): string;
  /** It was given up. */
  released(owner: Ownership): void;
}

/**
 * Ownership of a partition: two transactional producers, used in turn, because the brokers answer the end of a transaction
 * before they are done with it, and the next one of the same id would have to wait. Each writes a marker first, which fences
 * the older owner's producer of that id: kafkajs asks for its epoch only with the first transaction.
 */
export class TransactionalOwner implements Ownership {
  restoreTo = 0;
  /** The offset after the last record of the state that this one has written. */
  private stateNext = 0;
  private turn = 0;
  private last: Promise<unknown> = Promise.resolve();
  private broken: Error | null = null;

  private constructor(
    private readonly owned: OwnedPartition,
    private readonly producers: readonly Producer[],
  ) {}

  static async take(owned: OwnedPartition): Promise<TransactionalOwner> {
    const producers = OWNER_SLOTS.map((slot) =>
      owned.kafka.producer({
        transactionalId: `${owned.idPrefix}${owned.partition}-${slot}`,
        idempotent: true,
        maxInFlightRequests: 1,
        transactionTimeout: TRANSACTION_MS_MAX,
        allowAutoTopicCreation: false,
      }),
    );
    const owner = new TransactionalOwner(owned, producers);
    try {
      await Promise.all(producers.map((producer) => producer.connect()));
      for (const slot of OWNER_SLOTS) owner.restoreTo = await owner.transact([ownerRecord(slot, owned.ownerId)]);
      owner.stateNext = owner.restoreTo;
      return owner;
    } catch (error) {
      await owner.release();
      throw logError(error, `cannot give partition ${owned.partition} an owner`);
    }
  }

  commit(records: readonly CommitRecord[]): Promise<number> {
    const committed = this.last.then(async () => {
      if (this.broken !== null) throw this.broken;
      try {
        this.stateNext = Math.max(this.stateNext, await this.transact(records));
        return this.stateNext;
      } catch (error) {
        // Whether it was committed is not known: the next owner finds out by reading. Until then nothing more is written.
        this.broken = logError(error, `cannot be committed to in partition ${this.owned.partition}`);
        throw this.broken;
      }
    });
    this.last = committed.catch(() => undefined);
    return committed;
  }

  async release(): Promise<void> {
    this.broken ??= new FencedError('The partition was given up.');
    await Promise.all(this.producers.map((producer) => producer.disconnect().catch(() => undefined)));
    this.owned.released(this);
  }

  /** Writes all records in one transaction. Returns the offset after the last one of the state; 0: there was none. */
  private async transact(records: readonly CommitRecord[]): Promise<number> {
    const { partition } = this.owned;
    const producer = this.producers[this.turn] as Producer;
    this.turn = (this.turn + 1) % this.producers.length;
    const transaction = await producer.transaction();
    let end = 0;
    try {
      for (const part of parts(records)) {
        for (const topic of ['dead-letters', 'state'] as const) {
          const messages = part.filter((record) => record.topic === topic).map(({ key, value }) => ({ key, value }));
          if (messages.length === 0) continue;
          const { offset: first } = await sendTo(transaction, this.owned.topicName(topic), partition, messages);
          if (topic === 'state') end = first + messages.length;
        }
      }
    } catch (error) {
      await transaction.abort().catch(() => undefined); // else the brokers do it after a while
      throw error;
    }
    await transaction.commit();
    return end;
  }
}

/** The records in parts that brokers take at once. */
function parts(records: readonly CommitRecord[]): CommitRecord[][] {
  const all: CommitRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    bytes += messageBytes(record);
    if (bytes > SEND_BYTES_MAX) {
      all.push([]);
      bytes = messageBytes(record);
    }
    all.at(-1)?.push(record);
  }
  return all;
}
