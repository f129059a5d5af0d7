import type { StoredRecord } from '#message-log/message-log';
import type { MemoryLog } from '#message-log/memory/memory-log';
import type { SeededRandom } from '#runtime/clock/seeded-random';
import { EventWriter, isFinal } from '#service/writing/event-writer';
import type { LogRecord } from '../oracle/naive-fold.ts';
import type { LogFault } from './node-log.ts';
import { NodeLog } from './node-log.ts';
import type { Process, Scheduler } from './scheduler.ts';
import { newProcess } from './scheduler.ts';

/** An event that is sent to an ingest until that has answered. */
interface Sending {
  /** In the event as `n`, which nobody reads, so that it is found again in the log. */
  readonly n: number;
  readonly event: object;
  attempts: number;
  isAcknowledged: boolean;
  isRefused: boolean;
}

export interface UpstreamOptions {
  readonly log: MemoryLog;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly fault: () => LogFault;
}

/**
 * Services that tell what happens: to an ingest, of which they repeat what it did not take, or not answer; or, as the trusted
 * ones do, straight to the log, whatever they have.
 */
export class Upstream {
  ingest: Process = newProcess('ingest');
  private writer: EventWriter;
  private readonly all: Sending[] = [];
  private readonly unanswered = new Map<Sending, Process>();
  private toRepeat: Sending[] = [];

  constructor(
    private readonly records: LogRecord[],
    private readonly options: UpstreamOptions,
  ) {
    this.writer = this.startIngest();
  }

  get hasMore(): boolean {
    return this.records.length > 0;
  }

  /** Until the record after the next one, milliseconds. */
  appendNext(): number {
    const [record, next] = [this.records.shift(), this.records[0]];
    if (record === undefined) return 0;
    const event = this.options.random.chance(0.7) ? eventOf(record) : null;
    if (event === null) this.appendDirectly(record);
    else {
      const n = this.all.length;
      const sending = { n, event: { ...event, n }, attempts: 0, isAcknowledged: false, isRefused: false };
      this.all.push(sending);
      this.send(sending, record);
    }
    return next === undefined ? 0 : Math.max(0, next.timestamp - record.timestamp);
  }

  /** Sends again what was not taken; or, impatiently, what is under way. False: there is nothing to repeat. */
  repeat(isImpatient: boolean): boolean {
    const { random } = this.options;
    const waiting = [...this.unanswered.keys()];
    const sending = this.toRepeat.shift() ?? (isImpatient && waiting.length > 0 ? random.pick(waiting) : undefined);
    if (sending !== undefined) this.send(sending);
    return sending !== undefined;
  }

  /** The ingest dies, and nobody knows what became of what it had taken. Another takes its place. */
  crashIngest(): void {
    this.ingest.isDead = true;
    for (const [sending, process] of this.unanswered) if (process === this.ingest) this.toRepeat.push(sending);
    this.unanswered.clear();
    this.writer = this.startIngest();
  }

  /** What is wrong with what became of the events, by all that is in the log, by partition. */
  faults(events: readonly (readonly StoredRecord[])[]): string[] {
    const found = new Map<number, number>();
    for (const { value } of events.flat()) {
      const n = numberOf(String(value));
      if (n !== null) found.set(n, (found.get(n) ?? 0) + 1);
    }
    return this.all.flatMap(({ n, event, attempts, isAcknowledged, isRefused }) => {
      const copies = 'user_id' in event ? 1 : events.length;
      const count = found.get(n) ?? 0;
      const about = `the event ${n}, sent ${attempts} times, is in the log ${count} times`;
      if (isAcknowledged && count < copies) return [`${about}, though it was acknowledged`];
      if (isRefused && count > 0) return [`${about}, though it was refused`];
      return count > attempts * copies ? [about] : [];
    });
  }

  private send(sending: Sending, original?: LogRecord): void {
    const process = this.ingest;
    sending.attempts++;
    this.unanswered.set(sending, process);
    const answered = (): boolean => !process.isDead && this.unanswered.delete(sending);
    this.writer.append([sending.event]).then(
      () => {
        sending.isAcknowledged ||= answered();
      },
      (error: unknown) => {
        answered();
        if (!isFinal(error)) this.toRepeat.push(sending);
        else if (original !== undefined) {
          sending.isRefused = true;
          this.appendDirectly(original);
        }
      },
    );
  }

  private appendDirectly({ key = null, value }: LogRecord): void {
    const { log, random } = this.options;
    const { partitionCount } = log;
    const partition = random.below(partitionCount);
    // What has no user goes to every partition, as ingest does it, or to one, as an operator might.
    if (key !== null) void log.append('events', [{ key, value }]);
    else if (random.chance(0.2)) void log.append('events', [{ key, value, partition }]);
    else for (let p = 0; p < partitionCount; p++) void log.append('events', [{ key, value, partition: p }]);
  }

  private startIngest(): EventWriter {
    const { log, scheduler, fault } = this.options;
    this.ingest = newProcess('ingest');
    return new EventWriter(new NodeLog(log, this.ingest, scheduler, fault));
  }
}

/** What an ingest can be given of a record; null: it is no event, or has another key than its user's. */
function eventOf({ key, value }: LogRecord): object | null {
  try {
    const event = JSON.parse(value) as unknown;
    if (typeof event !== 'object' || event === null || Array.isArray(event)) return null;
    return ('user_id' in event ? event.user_id : null) === key ? event : null;
  } catch {
    return null;
  }
}

function numberOf(value: string): number | null {
  try {
    const event = JSON.parse(value) as { n?: unknown } | null;
    return typeof event?.n === 'number' ? event.n : null;
  } catch {
    return null;
  }
}
