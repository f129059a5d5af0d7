import type { Kafka } from 'kafkajs';
import { freshId } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { LogUnavailableError } from '../errors.ts';
import type {
  Appended,
  Batch,
  BatchHandler,
  GroupMember,
  Membership,
  MessageLog,
  NewRecord,
  OffsetRange,
  Ownership,
  Start,
  Topic,
} from '../message-log.ts';
import { TOPICS } from '../message-log.ts';
import { placeOf } from '../placement.ts';
import { AdminConnection } from './admin-connection.ts';
import { AppendQueue } from './append-queue.ts';
import { sticky } from './assigners.ts';
import { GroupMembership } from './group-membership.ts';
import type { KafkaConnection } from './kafka-client.ts';
import { kafkaClient } from './kafka-client.ts';
import { logError } from './kafka-errors.ts';
import { CONSUMER, KafkaReader } from './kafka-reader.ts';
import type { Origin } from './origin.ts';
import { readOrigin } from './origin.ts';
import { checkSettings, checkTopics, topicName } from './topics.ts';
import { TransactionalOwner } from './transactional-owner.ts';

export interface KafkaLogOptions extends KafkaConnection {
  /** Before the names of the topics and groups, and before the transactional ids. */
  readonly prefix: string;
  readonly clock: Clock;
  /** A member of a group that is silent for this long loses its partitions to the others, milliseconds. */
  readonly sessionTimeoutMs?: number;
}

/** The log on Apache Kafka. */
export class KafkaLog implements MessageLog {
  readonly logId: string;
  readonly kind: 'live' | 'archive';
  private readonly appends: AppendQueue;
  private readonly memberships = new Set<GroupMembership>();
  private readonly owners = new Set<Ownership>();
  private isClosed = false;

  private constructor(
    private readonly options: KafkaLogOptions,
    private readonly kafka: Kafka,
    private readonly admin: AdminConnection,
    private readonly reader: KafkaReader,
    readonly partitionCount: number,
    origin: Origin,
  ) {
    this.logId = origin.logId;
    this.kind = origin.kind;
    this.appends = new AppendQueue(kafka, options.clock);
  }

  /**
   * Connects to the topics that `createKafkaLog` has made. Throws a `LogUnavailableError` when no broker answers, a
   * `LogConfigError` when the topics are not as they must be.
   */
  static async open(options: KafkaLogOptions): Promise<KafkaLog> {
    const kafka = kafkaClient(options);
    const admin = new AdminConnection(kafka, options.clock);
    try {
      const partitionCount = await checkTopics(admin, options.prefix);
      const reader = new KafkaReader(kafka, admin, options.prefix, options.clock);
      const origin = await readOrigin(reader);
      await checkSettings(admin, options.prefix, origin.kind);
      return new KafkaLog(options, kafka, admin, reader, partitionCount, origin);
    } catch (error) {
      await admin.close();
      throw logError(error, `at ${options.brokers.join(', ')} cannot be used`);
    }
  }

  async append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]> {
    const messages = records.map((record) => {
      const { key, value, timestamp } = record;
      const time = timestamp === undefined || this.kind === 'live' ? {} : { timestamp: String(timestamp) };
      return { key, value, partition: placeOf(record, this.partitionCount), ...time };
    });
    this.requireOpen();
    return this.appends.append(topicName(this.options.prefix, topic), messages);
  }

  async range(topic: Topic, partition: number): Promise<OffsetRange> {
    this.requireOpen();
    return this.reader.range(topic, partition);
  }

  read(topic: Topic, partition: number, from: number): AsyncIterable<Batch> {
    this.requireOpen();
    return this.reader.read(topic, partition, from);
  }

  async follow(topic: Topic, from: readonly Start[], handler: BatchHandler, signal: AbortSignal): Promise<void> {
    this.requireOpen();
    await this.reader.follow(topic, from, handler, signal);
  }

  async join(group: string, member: GroupMember): Promise<Membership> {
    this.requireOpen();
    const { prefix, clock, sessionTimeoutMs } = this.options;
    const consumer = this.kafka.consumer({
      ...CONSUMER,
      ...(sessionTimeoutMs === undefined
        ? {}
        : { sessionTimeout: sessionTimeoutMs, heartbeatInterval: sessionTimeoutMs / 10 }),
      groupId: `${prefix}${group}`,
      partitionAssigners: [sticky(this.partitionCount, () => membership.partitions)],
    });
    const membership: GroupMembership = new GroupMembership(
      consumer,
      topicName(prefix, 'events'),
      member,
      clock,
      (partition) => this.range('events', partition),
    );
    this.memberships.add(membership);
    membership.ended.catch(() => undefined).finally(() => this.memberships.delete(membership));
    await membership.run(this.partitionCount);
    return membership;
  }

  async own(partition: number): Promise<Ownership> {
    this.requireOpen();
    const owner = await TransactionalOwner.take({
      kafka: this.kafka,
      partition,
      idPrefix: `${this.options.prefix}owner-`,
      ownerId: freshId(),
      topicName: (topic) => topicName(this.options.prefix, topic),
      released: (released) => this.owners.delete(released),
    });
    this.owners.add(owner);
    return owner;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await Promise.all([...this.memberships].map((membership) => membership.leave()));
    this.reader.close();
    await this.appends.close();
    await Promise.all([...this.owners].map((owner) => owner.release()));
    await this.admin.close();
  }

  /** Closes the log and deletes its topics: nothing of it is left. */
  async discard(): Promise<void> {
    const topics = TOPICS.map((topic) => topicName(this.options.prefix, topic));
    await this.admin.ask((admin) => admin.deleteTopics({ topics }));
    await this.close();
  }

  private requireOpen(): void {
    if (this.isClosed) throw new LogUnavailableError('The log is closed.');
  }
}
