import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { Registry } from 'prom-client';
import { spread } from '#runtime/clock/chance';
import type { Config } from '#runtime/config';
import { readyGauge } from '#runtime/readiness';

const RETRY_AFTER_MS = 2_000;

/** Answers in place of a service that waits for its log: alive, but not ready, and why. */
export class WaitingRoom {
  private readonly metrics = new Registry();
  private readonly server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/metrics') void this.giveMetrics(response);
    else this.answer(path, response);
  });

  /** `reason` is a sentence. */
  constructor(private reason: string) {
    readyGauge(this.metrics, () => false);
  }

  async open({ PRESENTLY_HOST: host, PRESENTLY_PORT: port }: Config): Promise<void> {
    await once(this.server.listen(port, host), 'listening');
  }

  /** A sentence. */
  waitFor(reason: string): void {
    this.reason = reason;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string | undefined, response: ServerResponse): void {
    const retryMs = spread(RETRY_AFTER_MS);
    const [status, body] =
      path === '/healthz'
        ? [200, { status: 'ok' }]
        : path === '/readyz'
          ? [503, { status: 'not ready', waiting_for: [this.reason] }]
          : [503, { errcode: 'M_UNAVAILABLE', error: this.reason, retry_after_ms: retryMs }];
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      connection: 'close',
      ...(status === 503 ? { 'retry-after': String(Math.ceil(retryMs / 1_000)) } : {}),
    });
    response.end(JSON.stringify(body));
  }

  /** So that who watches sees a process that is not ready, and not one that is down. */
  private async giveMetrics(response: ServerResponse): Promise<void> {
    const text = await this.metrics.metrics();
    response.writeHead(200, { 'content-type': this.metrics.contentType, connection: 'close' });
    response.end(text);
  }
}
