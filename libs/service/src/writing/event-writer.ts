import type { PresenceEvent } from '#domain/events';
import { decodeEvent, isUserEvent } from '#domain/events';
import { LogUnavailableError } from '#message-log/errors';
import type { Appended, MessageLog, NewRecord } from '#message-log/message-log';
import { spread } from '#runtime/clock/chance';
import { badRequest, forbidden, MatrixError, tooMany, unavailable } from '#runtime/http/matrix-error';
import { NOT_WELL_FORMED } from '#runtime/http/openapi/common-schemas';
import type { LogHealth } from './log-health.ts';
import type { WriteTurns } from './write-turns.ts';

export const EVENTS_PER_REQUEST_MAX = 10_000;
const EVENT_BYTES_MAX = 65_536;
/** Records that may wait for the log at once, and their bytes; more are refused, so that memory stays bounded. */
const WAITING_RECORDS_MAX = 100_000;
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const FAULTS_TOLD_MAX = 100;
const RETRY_AFTER_MS = 1_000;

/** A bad event of a batch. */
export interface Fault {
  readonly index: number;
  readonly error: string;
}

/**
 * Why events were refused: one of them is bad, there are too many of them, the log is an archive, too many wait, or the log
 * could not be written. `failed`: by an error that nobody expected.
 */
export type RefusalReason = 'bad' | 'too_many' | 'archive' | 'busy' | 'unavailable' | 'failed';

/** Hears how many events came, and what became of them, for metrics. */
export interface WriterObserver {
  taken(count: number): void;
  appended(count: number): void;
  refused(count: number, reason: RefusalReason): void;
}

/** Checks events and writes them to the log: all of a request, or none. */
export class EventWriter {
  private waitingRecords = 0;
  private waitingBytes = 0;

  constructor(
    private readonly log: MessageLog,
    private readonly health: LogHealth | null = null,
    private readonly observer: WriterObserver | null = null,
    private readonly turns: WriteTurns | null = null,
  ) {}

  /**
   * Takes events, or an `UnreadableEvent` for each that could not be parsed. Resolves with how many events were taken once
   * all are durable. Throws a `MatrixError`: 400 names each bad event, 413 too many of them, 429 too many waiting, 503 when
   * the log cannot be written.
   */
  async write(values: readonly unknown[]): Promise<number> {
    await this.append(values);
    return values.length;
  }

  /** The same, but resolves with where the records are: an event is one, but that of a source is one in each partition. */
  append(values: readonly unknown[]): Promise<readonly Appended[]> {
    return this.counted(values.length, () => this.appendRecords(this.checked(values)));
  }

  /** As `write`, for upstream services, which may send more than can be taken: they wait for their turn, or are refused (429). */
  async writeInTurn(values: readonly unknown[]): Promise<number> {
    await this.counted(values.length, async () => {
      requireFew(values);
      if ((await this.turns?.take(values.length)) === false) throw busy();
      return this.appendRecords(this.checked(values));
    });
    return values.length;
  }

  private async counted<Result>(events: number, write: () => Promise<Result>): Promise<Result> {
    this.observer?.taken(events);
    try {
      const result = await write();
      this.observer?.appended(events);
      return result;
    } catch (error) {
      this.observer?.refused(events, reasonOf(error));
      throw error;
    }
  }

  /** The records that the events become. Throws when one of them cannot be used. */
  private checked(values: readonly unknown[]): readonly NewRecord[] {
    requireFew(values);
    const faults: Fault[] = [];
    const records: NewRecord[] = [];
    values.forEach((value, index) => {
      const checked = this.check(value);
      if (typeof checked === 'string') faults.push({ index, error: checked });
      else if (records.length + checked.length <= WAITING_RECORDS_MAX) records.push(...checked);
      else
        throw tooLarge('The events of sources go to every partition, and these become too many: send them in parts.');
    });
    if (faults.length > 0) throw badEvents(faults);
    if (this.log.kind === 'archive') throw forbidden('This log is an archive, which takes no events.');
    return records;
  }

  private async appendRecords(records: readonly NewRecord[]): Promise<readonly Appended[]> {
    const bytes = records.reduce((sum, { value }) => sum + Buffer.byteLength(value ?? ''), 0);
    // Alone anything is taken: a request has 10,000 events of 64 KiB at most, and its body less.
    const isTooMuch =
      this.waitingRecords + records.length > WAITING_RECORDS_MAX ||
      (this.waitingBytes > 0 && this.waitingBytes + bytes > WAITING_BYTES_MAX);
    if (isTooMuch) throw busy();
    this.waitingRecords += records.length;
    this.waitingBytes += bytes;
    try {
      const appended = await this.log.append('events', records);
      this.health?.succeeded();
      return appended;
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      this.health?.failed(error);
      throw unavailable(`${error.message} The events were not accepted; send them again.`, spread(RETRY_AFTER_MS));
    } finally {
      this.waitingRecords -= records.length;
      this.waitingBytes -= bytes;
    }
  }

  /** The records that an event becomes, or what is wrong with it. */
  private check(value: unknown): NewRecord[] | string {
    if (value instanceof UnreadableEvent) return value.reason;
    const text = JSON.stringify(value);
    // Before anything else: a list of a million bad entries would become a million faults.
    if (Buffer.byteLength(text) > EVENT_BYTES_MAX) return `the event is longer than ${EVENT_BYTES_MAX} bytes`;
    const decoded = decodeEvent(value);
    if ('refused' in decoded) return decoded.refused;
    const { event } = decoded;
    if (event.type === 'policy.set') return 'policy.set is not for upstream services: use `presently policy set`';
    if (event.type === 'tick') return 'tick is not for upstream services: the projector writes it';
    // The fold takes it, because logs may have it.
    if (event.type === 'status.set' && event.status_msg?.isWellFormed() === false) {
      return `status.set: status_msg ${NOT_WELL_FORMED}`;
    }
    return this.records(event, text);
  }

  private records(event: PresenceEvent, value: string): NewRecord[] {
    if (isUserEvent(event)) return [{ key: event.user_id, value }];
    // What concerns a source concerns every partition.
    return Array.from({ length: this.log.partitionCount }, (_, partition) => ({ key: null, value, partition }));
  }
}

/** Stands for an event that could not even be read. */
export class UnreadableEvent {
  constructor(readonly reason: string) {}
}

const REASON_OF_STATUS: Readonly<Record<number, RefusalReason>> = {
  400: 'bad',
  403: 'archive',
  413: 'too_many',
  429: 'busy',
  503: 'unavailable',
};

function reasonOf(error: unknown): RefusalReason {
  return (error instanceof MatrixError ? REASON_OF_STATUS[error.getStatus()] : undefined) ?? 'failed';
}

/** Whether events that were refused with this error will be refused again, whenever they are written. */
export function isFinal(error: unknown): boolean {
  return error instanceof MatrixError && error.getStatus() < 500 && error.getStatus() !== 429;
}

function requireFew(values: readonly unknown[]): void {
  if (values.length <= EVENTS_PER_REQUEST_MAX) return;
  throw tooLarge(
    `A request takes at most ${EVENTS_PER_REQUEST_MAX} events, and this has ${values.length}: send it in parts.`,
  );
}

const busy = (): MatrixError =>
  tooMany('Too many events wait to be written; nothing of this request was.', spread(RETRY_AFTER_MS));

const tooLarge = (message: string): MatrixError => new MatrixError(413, 'M_TOO_LARGE', message);

function badEvents(faults: readonly Fault[]): MatrixError {
  const told = faults.slice(0, FAULTS_TOLD_MAX);
  const more = faults.length > told.length ? ` (the first ${told.length} of them are listed)` : '';
  const first = told[0];
  return badRequest(
    `${faults.length} of the events cannot be used${more}, and nothing was written. Event ${first?.index}: ${first?.error}.`,
    { faults: told },
  );
}
