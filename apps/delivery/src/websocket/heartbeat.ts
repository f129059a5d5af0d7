import type { Cancel, Clock } from '#runtime/clock/clock';

export const PING_EVERY_MS = 30_000;

/** What a heartbeat needs of a WebSocket. */
export interface Pinged {
  ping(): void;
  terminate(): void;
}

/** Pings a client, and ends its connection when no sign of life comes until the next ping: else it would be a ghost. */
export class Heartbeat {
  private isAlive = true;
  private cancel: Cancel = () => undefined;

  constructor(
    private readonly socket: Pinged,
    private readonly clock: Clock,
  ) {
    this.pingLater();
  }

  /** The client has given a sign of life. */
  alive(): void {
    this.isAlive = true;
  }

  stop(): void {
    this.cancel();
  }

  private pingLater(): void {
    this.cancel = this.clock.after(PING_EVERY_MS, () => {
      if (!this.isAlive) return this.socket.terminate();
      this.isAlive = false;
      this.socket.ping();
      this.pingLater();
    });
  }
}
