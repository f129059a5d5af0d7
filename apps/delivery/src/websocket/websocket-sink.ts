import { WebSocket } from 'ws';
import type { FrameSink } from '../connection.ts';
import type { Frame } from '../frame.ts';

/** What the sink has to do with its session. */
export interface SinkOwner {
  /** There is room again. */
  drained(): void;
  /** The server stops. */
  restarts(): void;
}

/** What a client does not read waits here up to this many bytes, and in the subscription, as the latest state, beyond. */
export const BUFFERED_BYTES_MAX = 64 * 1_024;
/** A client whose connection ends comes back after between one and two of these, so that not all come at once. */
const RETRY_MS = 1_000;

/** Writes frames as JSON text messages; the token is a field of the frame. */
export class WebSocketSink implements FrameSink {
  private isFull = false;

  /** `jitter` is from 0 to 1. */
  constructor(
    private readonly socket: WebSocket,
    private readonly owner: SinkOwner,
    private readonly jitter: number,
  ) {}

  send(frame: Frame, token: string | null): boolean {
    this.write(token === null ? frame : { ...frame, token });
    return !this.isFull;
  }

  /** Writes a frame that is no subscription's, such as `reset` or `error`. */
  write(frame: object): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify(frame), () => this.sent());
    if (this.socket.bufferedAmount > BUFFERED_BYTES_MAX) this.isFull = true;
  }

  /** The server ends the connection, because it stops. */
  end(): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.write({ type: 'bye', retry_ms: Math.round(RETRY_MS * (1 + this.jitter)) });
    this.owner.restarts();
  }

  private sent(): void {
    if (!this.isFull || this.socket.bufferedAmount > BUFFERED_BYTES_MAX / 2) return;
    this.isFull = false;
    this.owner.drained();
  }
}
