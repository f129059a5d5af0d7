import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { FrameSink } from '../connection.ts';
import type { Frame } from '../frame.ts';
import { frameText } from '../shared-event.ts';

/** What the sink has to do with its session. */
export interface SinkOwner {
  /** There is room again. */
  drained(): void;
  /** The server stops. */
  restarts(): void;
}

/** What a client does not read waits here up to this many bytes, and in the subscription, as the latest state, beyond. */
export const BUFFERED_BYTES_MAX = 64 * 1_024;

/** Writes frames as JSON text messages; the token is a field of the frame. */
export class WebSocketSink implements FrameSink {
  private isFull = false;
  private readonly onSent = (): void => this.sent();

  /** `retryMs`: when the client is to come back after the end, milliseconds. */
  constructor(
    private readonly socket: WebSocket,
    /** What the WebSocket writes to. */
    private readonly stream: Pick<Duplex, 'cork' | 'uncork'>,
    private readonly owner: SinkOwner,
    private readonly retryMs: number,
  ) {}

  send(frames: readonly Frame[], token: string | null): boolean {
    this.stream.cork(); // one write for all
    frames.forEach((frame, index) => {
      const text = frameText(frame);
      const isLast = token !== null && index === frames.length - 1;
      this.writeText(isLast ? `${text.slice(0, -1)},"token":"${token}"}` : text);
    });
    this.stream.uncork();
    return !this.isFull;
  }

  /** Writes a frame that is no subscription's, such as `reset` or `error`. */
  write(frame: object): void {
    this.writeText(JSON.stringify(frame));
  }

  /** The server ends the connection, because it stops. */
  end(): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.write({ type: 'bye', retry_ms: this.retryMs });
    this.owner.restarts();
  }

  private writeText(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(text, this.onSent);
    if (this.socket.bufferedAmount > BUFFERED_BYTES_MAX) this.isFull = true;
  }

  private sent(): void {
    if (!this.isFull || this.socket.bufferedAmount > BUFFERED_BYTES_MAX / 2) return;
    this.isFull = false;
    this.owner.drained();
  }
}
