import type { Policy } from '#domain/policy';
import { FencedError, LogConfigError } from '#message-log/errors';
import type { GroupMember, Membership, MessageLog } from '#message-log/message-log';
import { Backoff } from '#runtime/clock/backoff';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Lag } from '#runtime/lag';
import type { Log } from '#runtime/log';
import type { Images } from '#service/images/images';
import type { LogTimeAhead } from './log-time.ts';
import type { WorkerObserver } from './partition-worker.ts';
import { PartitionWorker } from './partition-worker.ts';
import { WorkerImage } from './worker-image.ts';

export const PROJECTOR_GROUP = 'presently-projector';

export interface ProjectorOptions {
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly logger: Log;
  readonly observer?: WorkerObserver;
  readonly commitChangesMax?: number;
  /** Where it keeps images of its folds, to begin again from. */
  readonly images?: Images | null;
  /** Says why this process must not go on with the policy that is in the log, if so. */
  readonly refusePolicy?: (policy: Policy) => string | null;
}

/** Folds the partitions that are this process's share, each with a worker of its own, and starts anew after a failure. */
export class Projector implements GroupMember {
  private readonly workers = new Map<number, PartitionWorker>();
  /** Partitions that are this process's and have not caught up since they became so. */
  private readonly catchingUp = new Set<number>();
  private readonly stopping = new AbortController();
  private membership: Membership | null = null;
  private running: Promise<void> | null = null;

  private readonly observer: WorkerObserver = {
    committed: (...args) => this.options.observer?.committed(...args),
    taken: (...args) => this.options.observer?.taken(...args),
    lost: (partition, records, offset) => {
      this.options.observer?.lost(partition, records, offset);
      if (records > 0) this.options.logger.error('projector.records.lost', { partition, records, offset });
    },
  };

  constructor(private readonly options: ProjectorOptions) {}

  /** Begins. The promise settles when the projector has stopped, and rejects when the log cannot be used as it is. */
  run(): Promise<void> {
    if (this.running === null) {
      this.running = this.loop();
      this.options.images?.keep(() => [...this.workers.values()].map((worker) => new WorkerImage(worker)));
    }
    return this.running;
  }

  /** Finishes what was begun, and stops. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.options.images?.stop();
    await this.membership?.leave();
    await this.running?.catch(() => undefined); // whoever called `run` hears of the error
  }

  async assigned(partition: number): Promise<number> {
    const { log, clock, policy, commitChangesMax, images, logger } = this.options;
    this.catchingUp.add(partition);
    const worker = new PartitionWorker({
      log,
      clock,
      partition,
      policy,
      observer: this.observer,
      ...(commitChangesMax === undefined ? {} : { commitChangesMax }),
      ...(images == null ? {} : { images }),
    });
    const from = await worker.start().catch(async (error: unknown) => {
      await worker.stop(); // else what it owns already would stay connected
      throw error;
    });
    this.workers.set(partition, worker);
    this.noteProgress(partition, worker);
    logger.info('projector.partition.assigned', { partition, from, users: worker.userCount });
    return from;
  }

  async batch(partition: number, batch: Parameters<GroupMember['batch']>[1]): Promise<void> {
    const worker = this.workers.get(partition);
    if (worker === undefined) return;
    await worker.take(batch);
    this.noteProgress(partition, worker);
  }

  async revoked(partition: number): Promise<void> {
    const worker = this.workers.get(partition);
    this.workers.delete(partition);
    this.catchingUp.delete(partition);
    await worker?.stop();
  }

  /** By partition; 0 where log time is not ahead, as it should be. */
  logTimesAhead(): LogTimeAhead[] {
    return [...this.workers].map(([partition, { logTimeAheadMs }]) => ({ partition, ms: logTimeAheadMs }));
  }

  /** Records not folded yet, by partition. */
  lags(): Lag[] {
    return [...this.workers].map(([partition, { lag, lagSeconds }]) => ({
      partition,
      records: lag,
      seconds: lagSeconds,
    }));
  }

  /**
   * Whether this process is in the group, and has once folded all there was of each partition that is its share; the share
   * can be none. Load does not undo it.
   */
  get isCaughtUp(): boolean {
    return this.membership !== null && this.catchingUp.size === 0;
  }

  private noteProgress(partition: number, worker: PartitionWorker): void {
    if (worker.lag > 0) return;
    this.checkPolicy(worker);
    this.catchingUp.delete(partition);
  }

  /** Only when all is folded is the policy the one in force. */
  private checkPolicy(worker: PartitionWorker): void {
    if (worker.policy === null) return;
    const mismatch = this.options.refusePolicy?.(worker.policy) ?? null;
    if (mismatch !== null) throw new LogConfigError(mismatch);
  }

  private async loop(): Promise<void> {
    const { clock, logger } = this.options;
    const backoff = new Backoff();
    while (!this.stopping.signal.aborted) {
      const startedAt = clock.elapsed();
      try {
        await this.takePart();
      } catch (error) {
        if (error instanceof LogConfigError) throw error;
        if (clock.elapsed() - startedAt > 60_000) backoff.reset();
        const retryMs = backoff.next();
        const event = error instanceof FencedError ? 'projector.fenced' : 'projector.failed';
        logger.error(event, { error: (error as Error).message, retryMs });
        await sleep(clock, retryMs, this.stopping.signal);
      }
    }
  }

  /** Is a member of the group until the membership ends. */
  private async takePart(): Promise<void> {
    const membership = await this.options.log.join(PROJECTOR_GROUP, this);
    this.membership = membership;
    try {
      if (this.stopping.signal.aborted) await membership.leave();
      await membership.ended;
    } finally {
      this.membership = null;
    }
  }
}
