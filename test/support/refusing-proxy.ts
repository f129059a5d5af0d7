import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { HttpServer, sendJson } from './http-server.ts';

/** Stands before a server, refuses the first requests as an overloaded one does, and passes on those that follow. */
export class RefusingProxy {
  /** How long each refused client stayed away before its next request, ms. */
  readonly waitsMs: number[] = [];
  private refusedAtMs: number | null = null;
  private server: HttpServer | undefined;

  private constructor(
    private readonly target: string,
    private readonly statuses: number[],
    private readonly retryAfterS: number,
  ) {}

  /** Refuses as many requests as there are statuses, each with the next one. */
  static async before(target: string, statuses: readonly number[], retryAfterS: number): Promise<RefusingProxy> {
    const proxy = new RefusingProxy(target, [...statuses], retryAfterS);
    proxy.server = await HttpServer.listening((request, response) => void proxy.answer(request, response));
    return proxy;
  }

  get url(): string {
    return this.server?.url ?? '';
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.refusedAtMs !== null) this.waitsMs.push(performance.now() - this.refusedAtMs);
    this.refusedAtMs = null;
    const body = await buffer(request);
    const refusal = this.statuses.shift();
    if (refusal !== undefined) {
      this.refusedAtMs = performance.now();
      sendJson(response, { error: 'Later.' }, refusal, { 'Retry-After': this.retryAfterS });
      return;
    }
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const answer = await fetch(`${this.target}${request.url}`, {
      method: 'POST',
      headers: { authorization, 'content-type': type },
      body: new Uint8Array(body),
    });
    sendJson(response, await answer.json(), answer.status);
  }
}
