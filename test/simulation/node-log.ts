import type { Position } from '#domain/state';
import type { CheckpointRecord } from '#domain/state-records';
import { CHECKPOINT_KEY } from '#domain/state-records';
import { LogUnavailableError } from '#message-log/errors';
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
} from '#message-log/message-log';
import { joinAlone } from '#message-log/single-member';
import type { Process, Scheduler } from './scheduler.ts';

/** An operation fails: without an effect, or with one, so that whoever does it again does it twice. */
export type LogFault = 'refused' | 'unanswered' | null;

/**
 * The log as one process has it: each operation waits for its turn before and after its effect, where a crash can fall, and
 * may fail.
 */
export class NodeLog implements MessageLog {
  readonly logId: string;
  readonly partitionCount: number;
  readonly kind: 'live' | 'archive';
  /** By partition: what the process was last given of the state to read. */
  readonly checkpoints: Position[];
  isNextReadToFail = false;

  constructor(
    private readonly log: MessageLog,
    private readonly process: Process,
    private readonly scheduler: Scheduler,
    private readonly fault: () => LogFault = () => null,
  ) {
    this.logId = log.logId;
    this.partitionCount = log.partitionCount;
    this.kind = log.kind;
    this.checkpoints = Array.from({ length: log.partitionCount }, () => ({ offset: 0, step: 0 }));
  }

  append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]> {
    return this.inTurn(() => this.log.append(topic, records));
  }

  range(topic: Topic, partition: number): Promise<OffsetRange> {
    return this.inTurn(() => this.log.range(topic, partition));
  }

  async *read(topic: Topic, partition: number, from: number): AsyncIterable<Batch> {
    for await (const batch of this.log.read(topic, partition, from)) {
      await this.scheduler.turn(this.process);
      yield batch;
    }
  }

  follow(topic: Topic, from: readonly Start[], handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const inTurn = async (partition: number, batch: Batch): Promise<void> => {
      await this.scheduler.turn(this.process);
      if (this.isNextReadToFail) {
        this.isNextReadToFail = false;
        throw new LogUnavailableError('The log is away.');
      }
      if (topic === 'state') this.note(partition, batch);
      await handler(partition, batch);
    };
    return this.log.follow(topic, from, inTurn, signal);
  }

  join(_group: string, member: GroupMember): Promise<Membership> {
    return Promise.resolve(joinAlone(this, member));
  }

  async own(partition: number): Promise<Ownership> {
    const ownership = await this.inTurn(() => this.log.own(partition));
    return {
      restoreTo: ownership.restoreTo,
      commit: (records) => this.inTurn(() => ownership.commit(records)),
      release: () => ownership.release(),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private note(partition: number, { records }: Batch): void {
    const last = records.findLast(({ key, value }) => key === CHECKPOINT_KEY && value !== null);
    if (last === undefined) return;
    const [offset, step] = (JSON.parse(String(last.value)) as CheckpointRecord).next;
    this.checkpoints[partition] = { offset, step };
  }

  private async inTurn<Result>(effect: () => Promise<Result>): Promise<Result> {
    await this.scheduler.turn(this.process);
    const fault = this.fault();
    if (fault === 'refused') throw new LogUnavailableError('The log is away.');
    const result = await effect();
    await this.scheduler.turn(this.process);
    if (fault === 'unanswered') throw new LogUnavailableError('The log did not answer.');
    return result;
  }
}
