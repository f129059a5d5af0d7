import type { ServerResponse } from 'node:http';
import type { Clock } from '#runtime/clock/clock';
import type { FrameSink } from './connection.ts';
import type { Frame } from './frame.ts';
import { frameText } from './shared-event.ts';

/** A comment this often keeps proxies from closing a quiet stream. */
const KEEP_ALIVE_MS = 15_000;
/** A client that has not read all so long after the end is cut off, or else it would be connected for as long as it likes. */
const END_MS_MAX = 1_000;

/** Writes frames as server-sent events; the token is the event's id. */
export class SseSink implements FrameSink {
  private cancelKeepAlive: () => void = () => undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly clock: Clock,
    /** When the client is to come back after the end, milliseconds. */
    retryMs: number,
  ) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${retryMs}\n\n`);
    this.keepAlive();
  }

  /** Tells the client that its token cannot be used, and that a snapshot follows. */
  reset(reason: string): void {
    this.response.write(`event: reset\ndata: ${JSON.stringify({ type: 'reset', reason })}\n\n`);
  }

  send(frames: readonly Frame[], token: string | null): boolean {
    let text = '';
    frames.forEach((frame, index) => {
      const id = token !== null && index === frames.length - 1 ? `id: ${token}\n` : '';
      text += `event: ${frame.type}\n${id}data: ${frameText(frame)}\n\n`;
    });
    return this.response.write(text);
  }

  end(): void {
    this.cancelKeepAlive();
    if (this.response.destroyed) return;
    this.response.end();
    this.response.once(
      'close',
      this.clock.after(END_MS_MAX, () => this.response.destroy()),
    );
  }

  private keepAlive(): void {
    this.cancelKeepAlive = this.clock.after(KEEP_ALIVE_MS, () => {
      // A full stream needs no sign of life, and must not grow.
      if (!this.response.writableNeedDrain) this.response.write(': keep-alive\n\n');
      this.keepAlive();
    });
  }
}
