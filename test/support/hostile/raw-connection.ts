import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawAnswer {
  /** All but interim ones (1xx), in order. */
  readonly responses: readonly RawResponse[];
  /** Whether the server has closed the connection, within the time that was given. */
  readonly isClosed: boolean;
  /** After how many milliseconds it was closed, or given up. */
  readonly afterMs: number;
  readonly text: string;
}

export interface RawOptions {
  /** Gives up after so long. */
  readonly ms?: number;
  /** Reads nothing before all is sent, as simple clients do. */
  readonly isLateReader?: boolean;
  /** Closes this end as soon as all is sent. */
  readonly isHalfClosed?: boolean;
  /** Leaves once so many responses have come. */
  readonly responses?: number;
  /** Sends this again and again. */
  readonly drip?: { readonly text: string; readonly everyMs: number };
}

/** Sends these bytes, whatever they are, on a connection of its own, and takes what comes back until it is closed. */
export async function sendRaw(
  url: string,
  bytes: string | Buffer,
  { ms = 5_000, isLateReader = false, isHalfClosed = false, responses = Infinity, drip }: RawOptions = {},
): Promise<RawAnswer> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const start = performance.now();
  let text = '';
  let isClosed = true;
  await new Promise<void>((resolve) => {
    const giveUp = (): void => {
      isClosed = false;
      socket.destroy();
    };
    const timer = setTimeout(giveUp, ms);
    socket.on('error', () => undefined); // a reset is a close, too
    const dripping = drip && setInterval(() => void (socket.writable && socket.write(drip.text)), drip.everyMs);
    socket.on('close', () => {
      clearTimeout(timer);
      clearInterval(dripping);
      resolve();
    });
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
      if (responses < Infinity && parseResponses(text).length >= responses) giveUp();
    });
    if (isLateReader) socket.pause();
    socket.write(bytes, () => void socket.resume());
    if (isHalfClosed) socket.end();
  });
  return { responses: parseResponses(text), isClosed, afterMs: performance.now() - start, text };
}

/** Reads responses one after another; the text is of one byte a character. What is not complete is left out. */
function parseResponses(text: string): RawResponse[] {
  const found: RawResponse[] = [];
  for (let at = 0; at < text.length;) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) break;
    const [statusLine = '', ...lines] = text.slice(at, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? NaN);
    const headers = new Map(
      lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: */, '')]),
    );
    const isChunked = headers.get('transfer-encoding') === 'chunked';
    const bodyFrom = headEnd + 4;
    const length = status < 200 ? 0 : Number(headers.get('content-length') ?? 0);
    at = isChunked ? text.length : bodyFrom + length;
    if (at > text.length) break;
    const body = Buffer.from(text.slice(bodyFrom, at), 'latin1').toString();
    if (status >= 200 || Number.isNaN(status)) found.push({ status, headers, body });
  }
  return found;
}

/** A request as text. */
export function rawRequest(method: string, path: string, headers: Record<string, string> = {}, body = ''): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
