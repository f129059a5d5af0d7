import type { Clock } from '#runtime/clock/clock';
import type { Hub, Subscriber } from './hub.ts';
import type { Frame } from './frame.ts';
import type { Place } from './place.ts';
import type { ResumeTokens } from './resume-token.ts';

/** Where a transport puts frames. */
export interface FrameSink {
  /**
   * Sends frames together; with a token, the client can resume after the last of them. False: full, wait for
   * `Connection.drained`.
   */
  send(frames: readonly Frame[], token: string | null): boolean;
  /** The server ends the connection. */
  end(): void;
}

/** Moves frames from a subscription to a transport, no faster than the transport takes them. */
export class Connection {
  private readonly subscriber: Subscriber;
  private isFull = false;
  private isClosed = false;

  constructor(
    readonly userId: string,
    since: Place | null,
    private readonly hub: Hub,
    private readonly tokens: ResumeTokens,
    private readonly clock: Clock,
    private readonly sink: FrameSink,
  ) {
    this.subscriber = hub.subscribe(userId, since, (now) => this.pump(now));
  }

  /** Sends what there is, at the moment `now`, milliseconds. */
  pump(now = this.clock.now()): void {
    const { subscription } = this.subscriber;
    while (!this.isFull && !this.isClosed && subscription.hasNews) {
      const { frames, place } = subscription.flush(now);
      if (frames.length === 0) continue; // all that changed was undone
      const token = place === null ? null : this.tokens.seal(this.userId, place);
      if (!this.sink.send(frames, token)) this.isFull = true;
      this.hub.given(frames.length);
    }
  }

  /** The transport takes frames again. */
  drained(): void {
    this.isFull = false;
    this.pump();
  }

  /** The client is gone, or is to go. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.hub.unsubscribe(this.subscriber);
    this.sink.end();
  }
}
