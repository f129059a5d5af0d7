import { LogUnavailableError } from '#message-log/errors';
import type { MessageLog, StoredRecord } from '#message-log/message-log';
import type { UserRecord } from '#domain/state-records';
import { spread } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { unavailable } from '#runtime/http/matrix-error';
import { Turns } from '../turns.ts';

const READ_MS_MAX = 10_000;
const RETRY_AFTER_MS = 1_000;

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
    const record = await this.turns.take('', () => this.first(partition, offset));
    if (record === undefined)
      throw unavailable('The log could not be read in time. Try again.', spread(RETRY_AFTER_MS));
    if (record.offset !== offset || record.value === null) return null;
    return JSON.parse(record.value.toString()) as UserRecord;
  }

  /** The first record from that offset on; undefined: it did not come in time. */
  private async first(partition: number, offset: number): Promise<StoredRecord | undefined> {
    const stop = new AbortController();
    const cancel = this.clock.after(READ_MS_MAX, () => stop.abort());
    let first: StoredRecord | undefined;
    try {
      await this.log.follow(
        'state',
        [{ partition, offset }],
        (_, { records }) => {
          first ??= records[0];
          if (first !== undefined) stop.abort();
          return Promise.resolve();
        },
        stop.signal,
      );
    } catch (error) {
      if (error instanceof LogUnavailableError) throw unavailable(error.message, spread(RETRY_AFTER_MS));
      throw error;
    } finally {
      cancel();
    }
    return first;
  }
}
