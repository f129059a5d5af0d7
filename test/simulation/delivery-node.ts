import { Delivery } from '#delivery/delivery';
import { DeviceConnections } from '#delivery/devices/device-connections';
import type { Cursor } from '#delivery/tie-span';
import { positionOf } from '#domain/state-records';
import type { RoomPolicy } from '#domain/visibility';
import type { MessageLog } from '#message-log/message-log';
import type { Clock } from '#runtime/clock/clock';
import type { Log } from '#runtime/log';
import type { Images } from '#service/images/images';
import { EventWriter } from '#service/writing/event-writer';
import type { LogFault } from './node-log.ts';
import { NodeLog } from './node-log.ts';
import type { Scheduler } from './scheduler.ts';
import { newProcess } from './scheduler.ts';

export interface DeliveryNodeOptions {
  readonly log: MessageLog;
  readonly scheduler: Scheduler;
  readonly tokenKey: Buffer;
  readonly roomPolicy: RoomPolicy;
  readonly flushMs: number;
  readonly logger: Log;
  readonly sourceTtlMs: number;
  readonly newId: () => string;
  /** Whether an operation on the log fails. */
  readonly fault: () => LogFault;
  /** Its images, of the log as this process has it. */
  readonly images: (node: { log: MessageLog; clock: Clock }) => Images;
}

/** A delivery node as a process of its own. */
export class DeliveryNode {
  readonly app: Delivery;
  readonly devices: DeviceConnections;
  readonly process = newProcess('delivery');
  isStopping = false;
  readonly images: Images;
  private readonly nodeLog: NodeLog;
  private readonly clock;

  constructor(options: DeliveryNodeOptions) {
    const { log, scheduler, tokenKey, roomPolicy, flushMs, logger, sourceTtlMs, newId, fault, images } = options;
    this.nodeLog = new NodeLog(log, this.process, scheduler, fault);
    this.clock = scheduler.clockOf(this.process);
    const { nodeLog, clock } = this;
    this.images = images({ log: nodeLog, clock });
    this.watchImages();
    this.app = new Delivery({ log: nodeLog, clock, logger, tokenKey, roomPolicy, flushMs, images: this.images });
    const writer = new EventWriter(nodeLog);
    this.devices = new DeviceConnections({
      write: (events) => writer.append(events),
      clock,
      logger,
      isLive: true,
      sourceTtlMs,
      newId,
      activityEveryMs: 10_000,
      policy: () => this.app.policy,
    });
    this.app.start();
  }

  /** By its own clock. */
  get now(): number {
    return this.clock.now();
  }

  /** Up to where it has read: watched from outside, at the log. */
  get cursor(): Cursor {
    return [...this.nodeLog.checkpoints];
  }

  /** Where it begins is where its image ends. */
  private watchImages(): void {
    const restore = this.images.restore.bind(this.images);
    this.images.restore = (name, into) =>
      restore<never>(name, {
        take: (row) => into.take(row),
        taken: (parts) => {
          into.taken(parts);
          for (const { partition, checkpoint } of parts) {
            if (checkpoint !== null) this.nodeLog.checkpoints[partition] = positionOf(checkpoint.next);
          }
        },
        forget: () => into.forget(),
      });
  }

  failNextRead(): void {
    this.nodeLog.isNextReadToFail = true;
  }

  /** It tells its clients to come back, and ends when all has come to its end. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.devices.stop();
    await this.app.stop();
    this.process.isDead = true;
  }
}
