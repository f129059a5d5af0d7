import type { Socket } from 'node:net';
import { connect } from 'node:net';

interface Waiting {
  readonly request: Buffer;
  readonly done: (status: number) => void;
}

/** Posts to one route on connections that stay open: one request at a time on each, the rest wait in a queue. */
export class Poster {
  private readonly idle: PostConnection[] = [];
  private readonly connections: PostConnection[];
  private readonly queue: Waiting[] = [];

  constructor(url: URL, connections: number) {
    const free = (connection: PostConnection): void => {
      const next = this.queue.shift();
      if (next === undefined) this.idle.push(connection);
      else connection.send(next);
    };
    this.connections = Array.from({ length: connections }, () => new PostConnection(url, free));
    this.idle.push(...this.connections);
  }

  /** Resolves with the status of the answer; 0: there was none. */
  send(request: Buffer): Promise<number> {
    return new Promise((done) => {
      const connection = this.idle.pop();
      if (connection === undefined) this.queue.push({ request, done });
      else connection.send({ request, done });
    });
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }
}

/** The bytes of a request with these events. */
export function eventsRequest(events: readonly object[]): Buffer {
  const body = JSON.stringify({ events });
  return Buffer.from(
    `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer dev-upstream\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

class PostConnection {
  private readonly socket: Socket;
  private waiting: Waiting | null = null;
  private answer = '';
  private isClosed = false;

  constructor(
    { hostname, port }: URL,
    private readonly free: (connection: PostConnection) => void,
  ) {
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.setEncoding('latin1').on('data', (text: string) => this.read(text));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
      this.waiting?.done(0);
    });
  }

  send(waiting: Waiting): void {
    if (this.isClosed) return waiting.done(0);
    this.waiting = waiting;
    this.socket.write(waiting.request);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(text: string): void {
    this.answer += text;
    const headEnd = this.answer.indexOf('\r\n\r\n');
    const length = headEnd === -1 ? null : /content-length: (\d+)/i.exec(this.answer)?.[1];
    if (length == null || this.answer.length < headEnd + 4 + Number(length)) return;
    const { waiting } = this;
    const status = Number(this.answer.slice(9, 12));
    this.waiting = null;
    this.answer = '';
    waiting?.done(status);
    this.free(this);
  }
}
