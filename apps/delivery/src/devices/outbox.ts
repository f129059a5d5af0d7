import type { PresenceEvent } from '#domain/events';
import type { Appended } from '#message-log/message-log';
import { Backoff } from '#runtime/clock/backoff';
import { freshId } from '#runtime/clock/chance';
import type { Cancel, Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Log } from '#runtime/log';
import { isFinal } from '#service/writing/event-writer';
import type { Device, Report } from './device.ts';
import { SourceLease } from './source-lease.ts';

const EVENTS_PER_WRITE_MAX = 1_000;
/** How long the last words of a node may take. */
const GONE_MS_MAX = 1_000;

export interface OutboxOptions {
  /** Resolves when the events are durable, with where; rejects with a `MatrixError` when they may not be. */
  readonly write: (events: readonly PresenceEvent[]) => Promise<readonly Appended[]>;
  readonly clock: Clock;
  readonly logger: Log;
  /** How long the log takes this node to be alive after it said so, milliseconds. */
  readonly sourceTtlMs: number;
  /** Makes ids that nobody else has; the simulation's own. */
  readonly newId?: () => string;
}

/** The devices of this node, as the outbox needs them. */
export interface Devices {
  /** All of them. */
  devices(): Iterable<Device>;
  /** How many connections are open. */
  openCount(): number;
  /** What was to be written of the device now is settled. */
  settled(device: Device): void;
}

/**
 * Writes what is to be said of devices, in the order in which it came up, one write at a time; and, as long as a
 * connection is open, that this node is alive. What fails is tried again until it is written.
 */
export class Outbox {
  private dirty = new Set<Device>();
  private lease: SourceLease;
  private readonly backoff = new Backoff();
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private cancelRenewal: Cancel = () => undefined;
  private hasFailed = false;
  private isEnding = false;

  constructor(
    private readonly options: OutboxOptions,
    private readonly node: Devices,
  ) {
    this.lease = this.newLease();
  }

  /** How many devices have something to be written. */
  get waiting(): number {
    return this.dirty.size;
  }

  /** There is something to be written of the device. */
  add(device: Device): void {
    this.dirty.add(device);
    this.work();
  }

  /**
   * Writes what there is, waiting `ms` milliseconds at most, and then that this node is gone, so that its clients have the
   * grace to come back on another. If that cannot be written, the lease ends by itself.
   */
  async end(ms: number): Promise<void> {
    const { clock, logger } = this.options;
    this.isEnding = true;
    for (const device of this.node.devices()) if (device.dueAt() < Infinity) this.dirty.add(device);
    this.work();
    if (!(await this.isDoneWithin(this.running ?? Promise.resolve(), ms))) {
      logger.warn('devices.drain.timed_out', { afterMs: ms, waiting: this.waiting });
    }
    this.stopping.abort();
    this.cancelRenewal();
    if (this.node.openCount() === 0 || !this.lease.isRunning(clock.elapsed())) return;
    const gone = this.options.write([this.lease.gone()]).catch((error: unknown) => {
      logger.warn('devices.write.failed', { error: (error as Error).message });
    });
    await this.isDoneWithin(gone, GONE_MS_MAX);
  }

  private work(): void {
    if (this.running !== null) return;
    if (this.hasWork()) this.running = this.writeAll();
    else this.renewLater();
  }

  private async writeAll(): Promise<void> {
    while (this.hasWork()) await this.writeNext();
    this.running = null; // at once, or what is added before it is noticed would wait for ever
    this.renewLater();
  }

  private hasWork(): boolean {
    return !this.stopping.signal.aborted && (this.dirty.size > 0 || this.isRenewalDue());
  }

  private async writeNext(): Promise<void> {
    const { clock, logger, write } = this.options;
    const sentAt = clock.elapsed();
    if (this.lease.isOver(sentAt)) this.takeNewSource();
    // What has failed may still be under way. That this node is alive goes to every partition: when it is written, what
    // failed is there by now or never will be, so that it cannot turn up after what is said next.
    const isProbe = this.hasFailed;
    const isRenewal = isProbe || this.isRenewalDue();
    const reports = isProbe ? new Map<Device, Report>() : this.nextReports();
    const events = [
      ...(isRenewal ? [this.lease.alive()] : []),
      ...[...reports.values()].flatMap((report) => report.events),
    ];
    let failure: unknown = null;
    let written: readonly Appended[] = [];
    try {
      if (events.length > 0) written = await write(events);
    } catch (error) {
      failure = error;
    }
    const isRefused = isFinal(failure); // a fault of ours, which must not hold up the rest
    this.hasFailed = failure !== null && !isRefused;
    for (const report of reports.values()) report.settle(!this.hasFailed);
    if (this.hasFailed) this.dirty = new Set([...reports.keys(), ...this.dirty]);
    for (const device of reports.keys()) this.node.settled(device);
    if (failure === null) {
      if (isRenewal) this.lease.renewed(sentAt, clock.elapsed(), written);
      this.backoff.reset();
      return;
    }
    const retryMs = this.backoff.next();
    const fields = { error: (failure as Error).message, retryMs, waiting: this.waiting };
    if (isRefused) logger.error('devices.write.refused', fields);
    else logger.warn('devices.write.failed', fields);
    await sleep(clock, retryMs, this.stopping.signal);
  }

  private nextReports(): Map<Device, Report> {
    const reports = new Map<Device, Report>();
    let events = 0;
    for (const device of this.dirty) {
      if (events >= EVENTS_PER_WRITE_MAX) break;
      const report = device.report(this.options.clock, this.lease.sourceId, this.isEnding);
      events += report.events.length;
      reports.set(device, report);
    }
    for (const device of reports.keys()) this.dirty.delete(device);
    return reports;
  }

  private isRenewalDue(): boolean {
    return this.node.openCount() > 0 && this.lease.isDue(this.options.clock.elapsed());
  }

  private renewLater(): void {
    this.cancelRenewal();
    if (this.stopping.signal.aborted || this.node.openCount() === 0) return;
    const { clock } = this.options;
    this.cancelRenewal = clock.after(Math.max(1, this.lease.renewAt - clock.elapsed()), () => this.work());
  }

  /** The lease was not renewed in time: what it held is said again, by a source that is new. */
  private takeNewSource(): void {
    this.lease = this.newLease();
    let connections = 0;
    for (const device of this.node.devices()) {
      connections += device.unsay();
      if (device.openCount > 0) this.dirty.add(device);
    }
    if (connections > 0) this.options.logger.warn('devices.source.lapsed', { connections });
  }

  private newLease(): SourceLease {
    return new SourceLease((this.options.newId ?? freshId)(), this.options.sourceTtlMs);
  }

  private async isDoneWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
    const done = new AbortController();
    const isDone = promise.then(() => true);
    const isLate = sleep(this.options.clock, ms, done.signal).then(() => false);
    return Promise.race([isDone, isLate]).finally(() => done.abort());
  }
}
