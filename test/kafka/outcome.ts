import { setTimeout as sleep } from 'node:timers/promises';
import type { StateRecord, UserRecord } from '#domain/state-records';
import type { BatchHandler, MessageLog, Topic } from '#message-log/message-log';
import type { DeadLetterValue } from '#domain/dead-letter.schemas';

const POLL_MS = 10;
const WAIT_MS_MAX = 20_000;

/** What a projector makes of a log, as it comes. */
export class Outcome {
  readonly users = new Map<string, UserRecord>();
  /** Of whatever room. */
  readonly members = new Set<string>();
  readonly letters: DeadLetterValue[] = [];
  /** By partition: the ids that the last checkpoint has. */
  readonly sources: string[][] = [];
  /** By partition: the offset up to which the last checkpoint has the events. */
  private readonly folded: number[] = [];
  private readonly stopping = new AbortController();
  private readonly following: Promise<void>[];

  constructor(private readonly log: MessageLog) {
    this.following = [
      this.follow('state', (partition, { records }) => {
        for (const { value } of records) {
          if (value !== null) this.take(partition, JSON.parse(value.toString()) as StateRecord);
        }
        return Promise.resolve();
      }),
      this.follow('dead-letters', (_, { records }) => {
        this.letters.push(...records.map(({ value }) => JSON.parse(value?.toString() ?? '') as DeadLetterValue));
        return Promise.resolve();
      }),
    ];
  }

  /** Resolves when all that is in the events now is folded. */
  async everythingIsFolded(): Promise<void> {
    for (let partition = 0; partition < this.log.partitionCount; partition++) {
      const { next } = await this.log.range('events', partition);
      await this.until(() => (this.folded[partition] ?? 0) >= next);
    }
  }

  /** Resolves when it is so. */
  async until(isSo: () => boolean): Promise<void> {
    for (let waitedMs = 0; !isSo(); waitedMs += POLL_MS) {
      if (waitedMs >= WAIT_MS_MAX) throw new Error(`It is not so after ${WAIT_MS_MAX} ms: ${isSo.toString()}`);
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.following);
  }

  private follow(topic: Topic, handler: BatchHandler): Promise<void> {
    const from = Array.from({ length: this.log.partitionCount }, (_, partition) => ({ partition, offset: 0 }));
    return this.log.follow(topic, from, handler, this.stopping.signal);
  }

  private take(partition: number, record: StateRecord): void {
    switch (record.kind) {
      case 'user':
        this.users.set(record.user_id, record);
        break;
      case 'member':
        this.members.add(record.user_id);
        break;
      case 'checkpoint':
        this.folded[partition] = record.next[0];
        this.sources[partition] = record.sources.map(([id]) => id);
        break;
      default: // nothing that the tests look at
    }
  }
}
