import type { IncomingMessage } from 'node:http';
import { Agent, request as httpRequest } from 'node:http';
import type { ApiRoute } from './api-routes.ts';
import type { HostileServer } from './hostile-server.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Sent without a Content-Length. */
  readonly isChunked?: boolean;
}

const ANSWER_MS_MAX = 20_000;
const CHUNK_BYTES = 65_536;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/**
 * Sends a request, all of it, and resolves with the answer; of one without an end, with its beginning. Rejects when there is
 * none: the connection was closed, or nothing came in time.
 */
export function send(url: string, { method, path, headers = {}, body, isChunked = false }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url + path, { method, agent, headers: { ...headers, ...framing(body, isChunked) } });
    const timer = setTimeout(() => request.destroy(new Error(`${method} ${path} has no answer`)), ANSWER_MS_MAX);
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      const done = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', done).on('error', reject);
      if (!isEndless(response)) return;
      done();
      request.destroy();
    });
    if (!isChunked || body === undefined) return void request.end(body);
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) request.write(bytes.subarray(at, at + CHUNK_BYTES));
    request.end();
  });
}

/** Said for every method: of GET and DELETE Node would send the body without a word of it. */
function framing(body: Sent['body'], isChunked: boolean): Record<string, string> {
  if (body === undefined) return {};
  return isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(Buffer.byteLength(body)) };
}

const isEndless = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.startsWith('text/event-stream') === true;

/** The header by which the route knows its caller. */
export function authorization({ tokens }: HostileServer, { by }: ApiRoute): Record<string, string> {
  if (by === 'anybody') return {};
  return { authorization: `Bearer ${by === 'user' ? tokens.attacker : tokens.upstream}` };
}

/** What is wrong with an answer, be the request as it may; null: nothing. */
export function faultOf({ status, headers, text }: Answer): string | null {
  const told = `${status} ${text.slice(0, 200)}`;
  if (status >= 500 && status !== 503) return told;
  if (status < 400 || text === '') return null;
  if (headers['content-type'] !== 'application/json; charset=utf-8') return `${headers['content-type']} ${told}`;
  try {
    const { errcode, error } = JSON.parse(text) as Record<string, unknown>;
    const isMatrix = typeof errcode === 'string' && errcode.startsWith('M_') && typeof error === 'string';
    return isMatrix && /^[A-Z0-9].*[.!)]$/s.test(error) ? null : told;
  } catch {
    return told;
  }
}
