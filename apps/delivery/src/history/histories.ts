import { causeInWords } from '#analysis/cause-words';
import type { FoldRecord } from '#domain/fold';
import { Fold } from '#domain/fold';
import { partitionOf } from '#domain/partitioner';
import { ARCHIVE_POLICY, LIVE_POLICY } from '#domain/policy';
import type { Announcement } from '#domain/state';
import { causeJson, publicJson } from '#domain/state-records';
import { LogUnavailableError } from '#message-log/errors';
import type { Batch, MessageLog, OffsetRange } from '#message-log/message-log';
import { spread } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { MatrixError, unavailable } from '#runtime/http/matrix-error';
import { readForAnswer } from '../read-for-answer.ts';
import { Turns } from '../turns.ts';
import type { HistoryAnswer, HistoryEntry } from './history.schemas.ts';
import { ENTRIES_MAX } from './history.schemas.ts';
import { ownRecord } from './own-record.ts';

/** Of a partition whose log is longer no history is told: that would keep the node busy for too long. */
const RECORDS_MAX = 500_000;
const RETRY_AFTER_MS = 1_000;

/** Milliseconds since the epoch, both included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What users were shown as, folded anew from the log of events for each answer, one at a time. */
export class Histories {
  private readonly turns = new Turns();

  constructor(
    private readonly log: Pick<MessageLog, 'partitionCount' | 'kind' | 'range' | 'follow'>,
    private readonly clock: Clock,
    private readonly recordsMax = RECORDS_MAX,
  ) {}

  /**
   * Within the span, with all that was accepted before, and since the account was last removed. `toUpstream`: with positions
   * in the log. Throws 404 when the log does not begin with its first record or is too long, 429 when too many ask, 503 when
   * the log does not give it in time.
   */
  async of(userId: string, span: Span, toUpstream: boolean): Promise<HistoryAnswer> {
    const partition = partitionOf(userId, this.log.partitionCount);
    const announcements = await this.turns.take('', () => this.announcements(userId, partition, span));
    const entries = announcements.map((announcement) => entryOf(announcement, toUpstream ? partition : null));
    const isInSpan = (entry: HistoryEntry | undefined): boolean => entry !== undefined && entry.ts >= span.from;
    const truncated = entries.length > ENTRIES_MAX && isInSpan(entries[0]);
    const before = isInSpan(entries[0]) && !truncated ? null : (entries.shift() ?? null);
    return { user_id: userId, before, entries, truncated };
  }

  /** Those of the span, the newest and one more before them. */
  private async announcements(userId: string, partition: number, span: Span): Promise<Announcement[]> {
    const { first, next: end } = await this.range(partition);
    this.requireWhole(first, end);
    const fold = new Fold({ policy: this.log.kind === 'archive' ? ARCHIVE_POLICY : LIVE_POLICY });
    let kept: Announcement[] = [];
    const keep = (): void => {
      for (const { userId: of, announcement } of fold.drain().announcements) {
        if (of !== userId || announcement.ts > span.to) continue;
        if (announcement.ts < span.from) kept = [announcement];
        else kept.push(announcement);
      }
      kept = kept.slice(-ENTRIES_MAX - 1);
    };
    const take = ({ records, next }: Batch): boolean => {
      let t = fold.logTime;
      for (const record of records) {
        if (record.offset >= end) break;
        t = Math.max(t, record.timestamp);
        const own = ownRecord(userId, record);
        if (own === null) continue;
        fold.apply(own);
        if (!isRemoval(userId, own)) continue;
        fold.drain();
        kept = []; // whoever has the id next is somebody else
      }
      fold.advanceTo(t);
      keep();
      return next >= end;
    };
    if (end > 0) await readForAnswer(this.log, this.clock, 'events', { partition, offset: 0 }, take);
    return kept;
  }

  private requireWhole(first: number, end: number): void {
    if (first === 0 && end <= this.recordsMax) return;
    const why = first > 0 ? 'its beginning was deleted' : `it has more than ${this.recordsMax} records in a partition`;
    throw new MatrixError(404, 'M_NOT_FOUND', `No history can be told from this log: ${why}.`);
  }

  private async range(partition: number): Promise<OffsetRange> {
    try {
      return await this.log.range('events', partition);
    } catch (error) {
      if (error instanceof LogUnavailableError) throw unavailable(error.message, spread(RETRY_AFTER_MS));
      throw error;
    }
  }
}

/** Whatever of it was announced: nothing, if nothing was to be seen of the account. */
function isRemoval(userId: string, { key, decoded }: FoldRecord): boolean {
  if (key !== userId || 'refused' in decoded) return false;
  return decoded.event.type === 'user.removed' && decoded.event.user_id === userId;
}

/** `partition`: to be told; null: it is not, nor the offset. */
function entryOf(announcement: Announcement, partition: number | null): HistoryEntry {
  const { type, device_id } = causeJson(announcement.cause);
  return {
    ts: announcement.ts,
    ...publicJson(announcement),
    cause: { type, ...(device_id === undefined ? {} : { device_id }) },
    why: causeInWords(announcement),
    log: partition === null ? null : { partition, cause_offset: announcement.cause.offset },
  };
}
