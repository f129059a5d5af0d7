import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server of a test, which answers as the test says, and counts what it was asked. */
export class HttpServer {
  requests = 0;
  private readonly server = createServer((request, response) => {
    this.requests++;
    this.answer(request, response);
  });

  /** `answer` can be replaced at any time. */
  private constructor(public answer: (request: IncomingMessage, response: ServerResponse) => void) {}

  /** Resolves when it listens, on a free port of this machine or on the one that is given. */
  static async listening(answer: HttpServer['answer'], port = 0): Promise<HttpServer> {
    const server = new HttpServer(answer);
    await once(server.server.listen(port, '127.0.0.1'), 'listening');
    return server;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Sends a JSON body. */
export function sendJson(response: ServerResponse, body: unknown, status = 200, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
