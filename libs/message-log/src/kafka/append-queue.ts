import type { Kafka, Message, Producer } from 'kafkajs';
import type { Clock } from '#runtime/clock/clock';
import { LogUnavailableError } from '../errors.ts';
import type { Appended } from '../message-log.ts';
import { messageBytes } from './message-bytes.ts';
import { logError } from './kafka-errors.ts';
import { sendTo } from './send.ts';

/** Below the brokers’ `message.max.bytes`, because kafkajs makes one batch of all that goes to a partition at once. */
const SEND_BYTES_MAX = 900_000;
/** kafkajs may try for much longer when a broker answers slowly; nobody should wait for that. */
const SEND_MS_MAX = 15_000;

export interface PlacedMessage extends Message {
  readonly partition: number;
}

interface Write {
  readonly topic: string;
  readonly messages: readonly PlacedMessage[];
  readonly appended: Appended[];
  readonly resolve: (appended: Appended[]) => void;
  readonly reject: (error: Error) => void;
}

interface Entry {
  readonly write: Write;
  readonly message: PlacedMessage;
  readonly bytes: number;
}

/**
 * Appends with one idempotent producer, one request at a time: what comes in the meantime goes out together with the
 * next, in order. After a failure the producer is thrown away: kafkajs would use the sequence numbers of what failed
 * again for other records, and the brokers would take these for duplicates and drop them, acknowledged.
 */
export class AppendQueue {
  private waiting: Entry[] = [];
  private producer: Producer | null = null;
  private running: Promise<void> | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly clock: Clock,
  ) {}

  append(topic: string, messages: readonly PlacedMessage[]): Promise<Appended[]> {
    if (messages.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const write: Write = { topic, messages, appended: [], resolve, reject };
      for (const message of messages) this.waiting.push({ write, message, bytes: messageBytes(message) });
      this.running ??= this.work();
    });
  }

  /** Waits for what was begun. */
  async close(): Promise<void> {
    await this.running;
    await this.discard();
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const entries = this.nextEntries();
      try {
        await this.send(entries);
      } catch (error) {
        await this.fail(entries, logError(error, 'cannot be written'));
      }
    }
    this.running = null; // at once, or what is appended before it is noticed would wait for ever
  }

  private nextEntries(): Entry[] {
    let bytes = 0;
    const count = this.waiting.findIndex((entry) => (bytes += entry.bytes) > SEND_BYTES_MAX);
    return this.waiting.splice(0, count < 0 ? this.waiting.length : Math.max(1, count));
  }

  private async send(entries: readonly Entry[]): Promise<void> {
    const byPlace = new Map<string, Entry[]>();
    for (const entry of entries) {
      const place = placeOf(entry);
      const others = byPlace.get(place);
      if (others === undefined) byPlace.set(place, [entry]);
      else others.push(entry);
    }
    const next = new Map<string, { offset: number; timestamp: number }>();
    const sending = async (): Promise<void> => {
      const producer = await this.connected();
      await Promise.all(
        [...byPlace].map(async ([place, [first, ...others]]) => {
          if (first === undefined) return;
          const messages = [first, ...others].map(({ message }) => message);
          next.set(place, await sendTo(producer, first.write.topic, first.message.partition, messages));
        }),
      );
    };
    await this.inTime(sending());
    for (const entry of entries) {
      const place = placeOf(entry);
      const { write, message } = entry;
      const { offset, timestamp } = next.get(place) ?? { offset: NaN, timestamp: NaN };
      next.set(place, { offset: offset + 1, timestamp });
      const time = timestamp < 0 ? Number(message.timestamp) : timestamp;
      write.appended.push({ partition: message.partition, offset, timestamp: time });
      if (write.appended.length === write.messages.length) write.resolve(write.appended);
    }
  }

  /** Rejects every write that has records among the entries, and forgets the rest of them. */
  private async fail(entries: readonly Entry[], error: Error): Promise<void> {
    const failed = new Set(entries.map(({ write }) => write));
    this.waiting = this.waiting.filter(({ write }) => !failed.has(write));
    for (const { reject } of failed) reject(error);
    await this.discard();
  }

  private async connected(): Promise<Producer> {
    if (this.producer !== null) return this.producer;
    const producer = this.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    this.producer = producer; // at once, so that a failure throws it away even when it is not connected yet
    await producer.connect();
    if (this.producer === producer) return producer;
    await producer.disconnect().catch(() => undefined); // nobody waits for it any more, and its records were refused
    throw new LogUnavailableError('Kafka has taken too long to connect.');
  }

  private async discard(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.disconnect().catch(() => undefined); // it was of no more use anyway
  }

  private inTime<Result>(promise: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(SEND_MS_MAX, () =>
        reject(new LogUnavailableError(`Kafka has not answered for ${SEND_MS_MAX / 1_000} s.`)),
      );
      promise.then(resolve, reject).finally(cancel);
    });
  }
}

const placeOf = ({ write, message }: Entry): string => `${write.topic}|${message.partition}`;
