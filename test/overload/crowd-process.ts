import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import type { CrowdOptions, CrowdReport } from './crowd-options.ts';

/**
 * A crowd of subscribers on `/v1/stream`, in a process of its own. A line on its standard input tells it what to do, and each
 * is answered with a line of JSON: `report`; or `storm`: all drop their connections and come back at once.
 */
const { url, streams, slow } = JSON.parse(process.argv[2] ?? '{}') as CrowdOptions;

const RETRY_MS = 1_000;

const refusals: Record<string, number> = {};
let withoutRetryAfter = 0;
let open = 0;
let bytes = 0;

/** One client, which comes back when it is told to, and goes on from its last token. */
class Client {
  private token: string | null = null;
  private retryMs = RETRY_MS;
  private request: ClientRequest | null = null;
  private isOpen = false;

  constructor(
    private readonly user: string,
    /** It does not read what comes. */
    private readonly isSlow: boolean,
  ) {}

  connect(): void {
    const authorization = `Bearer ${this.user}/D`;
    const since = this.token === null ? {} : { 'last-event-id': this.token };
    const outgoing = request(`${url}/v1/stream`, { agent: false, headers: { authorization, ...since } });
    this.request = outgoing;
    outgoing.on('error', () => this.ended(outgoing, 'none'));
    outgoing.on('response', (response) => {
      if (response.statusCode === 200) this.opened(outgoing, response);
      else this.refused(outgoing, response);
    });
    outgoing.end();
  }

  /** Drops the connection, and comes back at once. */
  cut(): void {
    const { request: old } = this;
    this.request = null;
    old?.destroy();
    this.closed();
    this.connect();
  }

  private opened(outgoing: ClientRequest, response: IncomingMessage): void {
    this.isOpen = true;
    open++;
    response.on('error', () => undefined);
    response.on('close', () => this.ended(outgoing, 'ended'));
    if (this.isSlow) return void response.pause();
    let rest = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      bytes += chunk.length;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('id: ')) this.token = line.slice(4);
        else if (line.startsWith('retry: ')) this.retryMs = Number(line.slice(7));
      }
    });
  }

  private refused(outgoing: ClientRequest, response: IncomingMessage): void {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', () => undefined);
    response.on('close', () => {
      const told = /"retry_after_ms":(\d+)/.exec(text)?.[1];
      if (told === undefined || response.headers['retry-after'] === undefined) withoutRetryAfter++;
      this.retryMs = told === undefined ? RETRY_MS : Number(told);
      this.ended(outgoing, String(response.statusCode));
    });
  }

  private ended(outgoing: ClientRequest, how: string): void {
    if (this.request !== outgoing) return;
    this.request = null;
    this.closed();
    refusals[how] = (refusals[how] ?? 0) + 1;
    setTimeout(() => this.connect(), this.retryMs);
  }

  private closed(): void {
    if (this.isOpen) open--;
    this.isOpen = false;
  }
}

const clients = Array.from({ length: streams }, (_, n) => new Client(`@u${n}:load`, n < slow));
for (const client of clients) client.connect();

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'storm') for (const client of clients) client.cut();
  const report: CrowdReport = { open, bytes, refusals, withoutRetryAfter };
  process.stdout.write(`${JSON.stringify(report)}\n`);
});
