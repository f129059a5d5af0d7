import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { FrameData } from './live-client.ts';
import { LiveClient } from './live-client.ts';
import type { StreamOptions } from './stream-client.ts';

/** A subscriber on `/v1/ws`. */
export class WsClient extends LiveClient {
  readonly ended: Promise<void>;
  readonly socket: WebSocket;

  constructor(url: string, accessToken: string, { since = null, setPresence = 'offline' }: StreamOptions = {}) {
    super();
    const query = new URLSearchParams({
      ...(setPresence === 'none' ? {} : { set_presence: setPresence }),
      ...(since === null ? {} : { since }),
    });
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/ws?${query.toString()}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    this.ended = once(this.socket, 'close').then(() => this.isTaken(false));
    this.ended.catch(() => this.isTaken(false));
    this.socket.on('error', () => this.isTaken(false));
    this.socket.on('message', (message: Buffer) => {
      const { token = null, ...data } = JSON.parse(message.toString()) as FrameData & { token?: string };
      this.isTaken(data.type !== 'error');
      this.take({ type: data.type, token, data });
    });
  }

  /** Sends a frame. */
  say(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await this.ended.catch(() => undefined);
  }
}
