import { Delivery } from '#delivery/delivery';
import type { Cursor } from '#delivery/tie-span';
import type { RoomPolicy } from '#domain/visibility';
import type { MessageLog } from '#message-log/message-log';
import type { Log } from '#runtime/log';
import { NodeLog } from './node-log.ts';
import type { Process, Scheduler } from './scheduler.ts';

export interface DeliveryNodeOptions {
  readonly log: MessageLog;
  readonly scheduler: Scheduler;
  readonly tokenKey: Buffer;
  readonly roomPolicy: RoomPolicy;
  readonly flushMs: number;
  readonly logger: Log;
}

/** A delivery node as a process of its own. */
export class DeliveryNode {
  readonly app: Delivery;
  readonly process: Process = { name: 'delivery', isDead: false };
  isStopping = false;
  private readonly nodeLog: NodeLog;

  constructor({ log, scheduler, tokenKey, roomPolicy, flushMs, logger }: DeliveryNodeOptions) {
    this.nodeLog = new NodeLog(log, this.process, scheduler);
    const clock = scheduler.clockOf(this.process);
    this.app = new Delivery({ log: this.nodeLog, clock, logger, tokenKey, roomPolicy, flushMs });
    this.app.start();
  }

  /** Up to where it has read: watched from outside, at the log. */
  get cursor(): Cursor {
    return [...this.nodeLog.checkpoints];
  }

  failNextRead(): void {
    this.nodeLog.isNextReadToFail = true;
  }

  /** It tells its clients to come back, and ends when all has come to its end. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.app.stop();
    this.process.isDead = true;
  }
}
