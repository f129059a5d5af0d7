import type { Socket } from 'node:net';
import { connect } from 'node:net';

export type Transport = 'sse' | 'websocket';

/** What subscribers hear, all of them. */
export interface Ears {
  /** A subscriber has its whole snapshot. */
  snapshot(): void;
  /** An `m.presence` came whose status message is a stamp: when its change was due, milliseconds of this process. */
  change(dueMs: number): void;
  /** A connection was refused, or has ended before it was closed here. */
  failed(why: string): void;
}

/** A status message that says when it was due, in tenths of a millisecond. */
export function stamp(dueMs: number): string {
  return `@${Math.floor(dueMs * 10)}`;
}

const MARK = '"status_msg":"@';
const TOKEN = '\nid: ';
const SNAPSHOT_ENDS = '"more":false';
/** No mark with its stamp, and no token, is longer, so what is cut lies within so many last characters. */
const CUT_LENGTH_MAX = 250;
/** All sockets read into it, one after another. */
const buffer = Buffer.allocUnsafe(256 * 1_024);

/**
 * A client that does as little as it can, so that it is not the client which is measured: it reads a bare socket, and looks
 * in the bytes for stamps, without taking the stream apart.
 */
export class Subscriber {
  private readonly socket: Socket;
  /** With which it can go on; empty: it has none. */
  token = '';
  private rest = '';
  private hasSnapshot = false;
  private isClosed = false;

  constructor(
    { hostname, port }: URL,
    transport: Transport,
    private readonly user: string,
    private readonly ears: Ears,
    /** It goes on from there; empty: it begins. Null: it begins, and keeps no token, which spares the time. */
    private readonly since: string | null = null,
  ) {
    this.hasSnapshot = since !== null && since !== '';
    this.socket = connect({
      host: hostname,
      port: Number(port),
      onread: { buffer, callback: (length) => this.read(length) },
    });
    this.socket.on('error', (error) => this.fail(error.message));
    this.socket.on('close', () => this.fail('closed'));
    this.socket.write(transport === 'sse' ? this.streamRequest() : this.upgradeRequest());
  }

  close(): void {
    this.isClosed = true;
    this.socket.destroy();
  }

  private fail(why: string): void {
    if (!this.isClosed) this.ears.failed(why);
    this.isClosed = true;
    this.socket.destroy();
  }

  private refused(text: string): boolean {
    this.fail(`refused: ${text.slice(9, 12)}`);
    return true;
  }

  private streamRequest(): string {
    const since = this.hasSnapshot ? `Last-Event-ID: ${this.since}\r\n` : '';
    return `GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${this.user}/D\r\n${since}\r\n`;
  }

  private upgradeRequest(): string {
    return (
      `GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${this.user}/D\r\nConnection: Upgrade\r\n` +
      `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`
    );
  }

  private read(length: number): boolean {
    const text = this.rest + buffer.toString('latin1', 0, length);
    if (/^HTTP\/1.1 [2-5]/.test(text) && !/^HTTP\/1.1 (200|101)/.test(text)) return this.refused(text);
    if (this.since !== null) this.readToken(text);
    if (!this.hasSnapshot) this.readSnapshot(text);
    else this.readChanges(text);
    return true;
  }

  private readSnapshot(text: string): void {
    const at = text.indexOf(SNAPSHOT_ENDS);
    if (at === -1) {
      this.rest = text.slice(-CUT_LENGTH_MAX);
      return;
    }
    this.hasSnapshot = true;
    this.ears.snapshot();
    this.readChanges(text.slice(at));
  }

  private readToken(text: string): void {
    const at = text.lastIndexOf(TOKEN);
    const end = at === -1 ? -1 : text.indexOf('\n', at + TOKEN.length);
    if (end !== -1) this.token = text.slice(at + TOKEN.length, end);
  }

  private readChanges(text: string): void {
    let from = 0;
    for (;;) {
      const at = text.indexOf(MARK, from);
      const end = at === -1 ? -1 : text.indexOf('"', at + MARK.length);
      if (end === -1) break;
      this.ears.change(Number(text.slice(at + MARK.length, end)) / 10);
      from = end;
    }
    this.rest = text.slice(Math.max(from, text.length - CUT_LENGTH_MAX));
  }
}
