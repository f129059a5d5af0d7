import type { EachBatchPayload } from 'kafkajs';
import type { Cancel, Clock } from '#runtime/clock/clock';

const BEAT_EVERY_MS = 1_000;

/** Lets the group hear that this member lives while a batch is being handled, which kafkajs does only before and after. */
export class Heartbeats {
  private cancel: Cancel = () => undefined;
  private beating: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly payload: EachBatchPayload,
    private readonly clock: Clock,
  ) {
    this.beatLater();
  }

  /** Ends with a last one. Rejects when the group does not have this member any more as it was. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel();
    await this.beating;
    await this.payload.heartbeat();
  }

  private beatLater(): void {
    if (this.isStopped) return;
    this.cancel = this.clock.after(BEAT_EVERY_MS, () => {
      this.beating = this.payload.heartbeat();
      this.beating.then(
        () => this.beatLater(),
        () => undefined, // `stop` tells
      );
    });
  }
}
