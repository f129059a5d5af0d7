import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { SourceProcess } from '../source-process.ts';

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

interface Reply {
  readonly id?: number;
  readonly result: { readonly result?: { readonly value: string } };
}

/** Node’s inspector of a process that was started with `--inspect=127.0.0.1:0`: how much memory is in use, once the garbage is out. */
export class Inspector {
  private lastId = 0;

  private constructor(private readonly socket: WebSocket) {}

  static async of({ errors }: SourceProcess): Promise<Inspector> {
    const address = /Debugger listening on (ws:\S+)/.exec(errors)?.[1];
    if (address === undefined) throw new Error(`The process has no inspector: ${errors}`);
    const socket = new WebSocket(address);
    await once(socket, 'open');
    return new Inspector(socket);
  }

  /** Bytes in use; the heap’s and what hangs on it after a full collection. */
  async memory(): Promise<Memory> {
    await this.call('HeapProfiler.collectGarbage');
    const { result } = await this.call('Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' });
    return JSON.parse(result?.value ?? '{}') as Memory;
  }

  close(): void {
    this.socket.terminate();
  }

  private async call(method: string, params: object = {}): Promise<Reply['result']> {
    const id = ++this.lastId;
    this.socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [message] = (await once(this.socket, 'message')) as [Buffer];
      const reply = JSON.parse(message.toString()) as Reply;
      if (reply.id === id) return reply.result;
    }
  }
}
