import type { MessageLog, StoredRecord } from '#message-log/message-log';
import type { UserRecord } from '#domain/state-records';
import type { Clock } from '#runtime/clock/clock';
import { readForAnswer } from '../read-for-answer.ts';
import { Turns } from '../turns.ts';

/** Reads whole records of users from the log when they are asked for, one at a time: on Kafka each takes a consumer of its own. */
export class UserRecords {
  private readonly turns = new Turns();

  constructor(
    private readonly log: Pick<MessageLog, 'follow'>,
    private readonly clock: Clock,
  ) {}

  /**
   * The record at that offset of a partition of the state; null: it is there no more, because the user has a newer one. Throws
   * 429 when too many ask, 503 when the log does not give it in time.
   */
  async at(partition: number, offset: number): Promise<UserRecord | null> {
    let record: StoredRecord | undefined;
    await this.turns.take('', () =>
      readForAnswer(this.log, this.clock, 'state', { partition, offset }, ({ records }) => {
        record ??= records[0];
        return record !== undefined;
      }),
    );
    if (record?.offset !== offset || record.value === null) return null;
    return JSON.parse(record.value.toString()) as UserRecord;
  }
}
