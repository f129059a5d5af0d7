import { LogUnavailableError } from '#message-log/errors';
import type { MessageLog } from '#message-log/message-log';
import type { Cancel, Clock } from '#runtime/clock/clock';

const PROBE_EVERY_MS = 1_000;

/** Whether the log takes events, as far as is known. After a failure it asks again and again, because no traffic may come. */
export class LogHealth {
  private reason: string | null = null;
  private cancel: Cancel = () => undefined;
  private isStopped = false;

  constructor(
    private readonly log: MessageLog,
    private readonly clock: Clock,
  ) {}

  /** Why the log cannot be written, as a sentence; null when it can. */
  get fault(): string | null {
    return this.reason;
  }

  failed(error: LogUnavailableError): void {
    const isProbing = this.reason !== null;
    this.reason = error.message;
    if (!isProbing) this.probeLater();
  }

  succeeded(): void {
    this.cancel();
    this.reason = null;
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private probeLater(): void {
    if (this.isStopped) return;
    this.cancel = this.clock.after(PROBE_EVERY_MS, () => void this.probe());
  }

  private async probe(): Promise<void> {
    try {
      await this.log.range('events', 0);
      this.succeeded();
    } catch (error) {
      if (this.reason === null) return; // it was written meanwhile
      if (error instanceof LogUnavailableError) this.reason = error.message;
      this.probeLater();
    }
  }
}
