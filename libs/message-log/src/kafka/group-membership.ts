import type { Consumer } from 'kafkajs';
import type { Clock } from '#runtime/clock/clock';
import type { GroupMember, Membership, OffsetRange } from '../message-log.ts';
import { BatchPump } from './batch-pump.ts';

/** The group's offsets are written for tools that show lag; nobody reads on from them. */
const OFFSETS_EVERY_MS = 5_000;

/** Membership of a consumer group: tells the member what is assigned to it and what is not any more, and hands batches over. */
export class GroupMembership implements Membership {
  readonly ended: Promise<void>;
  private readonly pump: BatchPump;
  /** Partitions of this member; those that it has not begun yet, too. */
  private readonly owned = new Set<number>();
  /** By partition: settles when the member has been told the last thing about it. Never rejects. */
  private readonly telling = new Map<number, Promise<void>>();
  private cancelOffsets: () => void = () => undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly topic: string,
    private readonly member: GroupMember,
    private readonly clock: Clock,
    range: (partition: number) => Promise<OffsetRange>,
  ) {
    this.pump = new BatchPump(consumer, topic, (partition, batch) => member.batch(partition, batch), range, clock);
    this.ended = this.untilEnded();
    this.ended.catch(() => undefined); // whoever waits for it hears of the error
  }

  /** What the member owns, as it tells the others of the group. */
  get partitions(): readonly number[] {
    return [...this.owned];
  }

  async run(partitionCount: number): Promise<void> {
    await this.pump.run(partitionCount, (partitions) => this.joined(partitions));
    this.commitOffsets();
  }

  async leave(): Promise<void> {
    await this.pump.stop();
    await this.ended.catch(() => undefined);
  }

  private async untilEnded(): Promise<void> {
    try {
      await this.pump.ended;
    } finally {
      await this.giveUpAll();
    }
  }

  private joined(partitions: readonly number[]): void {
    for (const partition of this.owned) if (!partitions.includes(partition)) this.giveUp(partition);
    for (const partition of partitions) if (!this.owned.has(partition)) this.take(partition);
  }

  private take(partition: number): void {
    const { consumer, topic } = this;
    this.owned.add(partition);
    consumer.pause([{ topic, partitions: [partition] }]); // until the member says where to begin
    this.tell(partition, async () => {
      if (!this.owned.has(partition)) return;
      const offset = await this.member.assigned(partition);
      if (!this.owned.has(partition) || this.pump.isStopping) return;
      this.pump.begin(partition, offset);
      consumer.resume([{ topic, partitions: [partition] }]);
    });
  }

  private giveUp(partition: number): void {
    this.owned.delete(partition);
    this.tell(partition, async () => {
      await this.pump.drop(partition);
      await this.member.revoked(partition);
    });
  }

  private async giveUpAll(): Promise<void> {
    this.cancelOffsets();
    for (const partition of this.owned) this.giveUp(partition);
    await Promise.all(this.telling.values());
  }

  private tell(partition: number, what: () => Promise<void>): void {
    const before = this.telling.get(partition) ?? Promise.resolve();
    this.telling.set(
      partition,
      before.then(what).catch((error: unknown) => this.pump.fail(error as Error)),
    );
  }

  private commitOffsets(): void {
    if (this.pump.isStopping) return;
    this.cancelOffsets = this.clock.after(OFFSETS_EVERY_MS, () => {
      const { offsets } = this.pump;
      const committed = offsets.length === 0 ? Promise.resolve() : this.consumer.commitOffsets(offsets);
      committed.catch(() => undefined).finally(() => this.commitOffsets()); // the next ones will do as well
    });
  }
}
