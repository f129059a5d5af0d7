import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

export interface Message {
  readonly type: string;
  readonly token?: string;
  readonly errcode?: string;
  readonly error?: string;
  readonly retry_after_ms?: number;
  readonly retry_ms?: number;
  readonly reason?: string;
  readonly [field: string]: unknown;
}

/** An upgrade that was answered as HTTP. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Message;
}

/** A WebSocket of a test, which notes what comes. */
export class Dialled {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;
  /** Close code. Rejects when the upgrade is refused. */
  readonly closed: Promise<number>;
  /** Resolves when the upgrade is refused. */
  readonly refused: Promise<Refusal>;
  private wake: () => void = () => undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws'), { headers });
    this.refused = new Promise((resolve) => {
      this.socket.on('unexpected-response', (_request, response) => {
        void refusal(response).then(resolve);
      });
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        resolve(code);
        this.wake();
      });
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as Message);
      this.wake();
    });
  }

  /** Resolves when the connection is open. */
  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.OPEN) return this;
    await new Promise((resolve) => this.socket.once('open', resolve));
    return this;
  }

  /** Sends frames; a string or a buffer as it is. */
  say(...frames: (object | string | Buffer)[]): void {
    for (const frame of frames) {
      this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
    }
  }

  /** The first message that is it, come already or later. */
  async message(isIt: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(isIt);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error(`Closed, after ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  ofType(type: string): Promise<Message> {
    return this.message((message) => message.type === type);
  }
}

async function refusal(response: IncomingMessage): Promise<Refusal> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return { status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) as Message };
}
