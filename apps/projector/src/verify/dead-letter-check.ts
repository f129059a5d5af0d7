import { isDeepStrictEqual } from 'node:util';
import type { DeadLetterValue } from '#domain/dead-letter.schemas';
import type { MessageLog, StoredRecord } from '#message-log/message-log';
import { deadLetterRecord } from '../dead-letter.ts';
import type { Difference } from './difference.ts';
import { saying } from './difference.ts';

/** A dead letter without its reason: the sentence may be another one in another version. */
type Letter = Omit<DeadLetterValue, 'reason'>;

/** Compares the dead letters of a partition, one after another, with what a fresh fold refuses. */
export class DeadLetterCheck {
  count = 0;
  /** The first difference; after it nothing is compared. */
  difference: Difference | null = null;
  private readonly written: AsyncIterator<Letter>;
  /** The next one that is written; null: there is none. */
  private next: Letter | null = null;
  /** Older ones may have been deleted, as the topic is set to. */
  private mayBeDeleted = false;

  constructor(
    private readonly log: MessageLog,
    private readonly partition: number,
  ) {
    this.written = this.read()[Symbol.asyncIterator]();
  }

  async begin(): Promise<void> {
    this.mayBeDeleted = (await this.log.range('dead-letters', this.partition)).first > 0;
    this.next = await this.take();
  }

  /** The fold has refused this record: it has to be the next dead letter. */
  async refused(record: StoredRecord, reason: string): Promise<void> {
    if (this.difference !== null) return;
    const { value } = deadLetterRecord(this.partition, record, record.offset, reason);
    const expected = letterOf(String(value));
    if (this.mayBeDeleted && this.next !== null && expected.offset < this.next.offset) return;
    this.mayBeDeleted = false;
    if (!isDeepStrictEqual(this.next, expected)) this.differ(this.next, expected);
    this.count++;
    this.next = await this.take();
  }

  /** All before this offset was folded: there has to be no further dead letter of it. */
  async end(offset: number): Promise<void> {
    if (this.difference === null && this.next !== null && this.next.offset < offset) this.differ(this.next, null);
    await this.written.return?.();
  }

  private differ(state: Letter | null, fold: Letter | null): void {
    // The earlier one is what the other side has not.
    const isState = state !== null && (fold === null || state.offset < fold.offset);
    const isFold = fold !== null && (state === null || fold.offset < state.offset);
    this.difference = {
      subject: 'a dead letter',
      offset: Math.min(state?.offset ?? Infinity, fold?.offset ?? Infinity),
      text: saying('the log', isFold ? null : JSON.stringify(state), isState ? null : JSON.stringify(fold)),
    };
  }

  private async take(): Promise<Letter | null> {
    const result: IteratorResult<Letter, unknown> = await this.written.next();
    return result.done === true ? null : result.value;
  }

  private async *read(): AsyncIterable<Letter> {
    for await (const { records } of this.log.read('dead-letters', this.partition, 0)) {
      for (const { value } of records) yield letterOf(value?.toString() ?? '{}');
    }
  }
}

function letterOf(text: string): Letter {
  const { reason: _, ...letter } = JSON.parse(text) as DeadLetterValue;
  return letter;
}
