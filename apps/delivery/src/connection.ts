import type { Clock } from '#runtime/clock/clock';
import type { Hub, Subscriber } from './hub.ts';
import type { Frame } from './frame.ts';
import type { Place } from './place.ts';
import type { ResumeTokens } from './resume-token.ts';

/** Where a transport puts frames. */
export interface FrameSink {
  /** Sends a frame; with a token, the client can resume after it. False: full, wait for `Connection.drained`. */
  send(frame: Frame, token: string | null): boolean;
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
    this.subscriber = hub.subscribe(userId, since, () => this.pump());
  }

  /** Sends what there is. */
  pump(): void {
    const { subscription } = this.subscriber;
    while (!this.isFull && !this.isClosed && subscription.hasNews) {
      const { frames, place } = subscription.flush(this.clock.now());
      frames.forEach((frame, index) => {
        const isLast = place !== null && index === frames.length - 1;
        const token = isLast ? this.tokens.seal(this.userId, place) : null;
        if (!this.sink.send(frame, token)) this.isFull = true;
      });
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
