import fc from 'fast-check';
import { rawRequest, sendRaw } from '../support/hostile/raw-connection.ts';
import type { Sent } from '../support/hostile/send.ts';
import { faultOf } from '../support/hostile/send.ts';

/** What is sent may be without an end, and then there is no answer. */
const ANSWER_MS = 200;

const PIECES = [
  ...['\r\n', '\n', '\r', '\0', ' ', ':', '%', '?', '#', '//', '\u00ff', 'HTTP/1.0', 'Host: a\r\n', '0\r\n\r\n'],
  ...['Content-Length: 0\r\n', 'Transfer-Encoding: chunked\r\n', 'Expect: 100-continue\r\n', 'Connection: close\r\n'],
  ...['Connection: Upgrade\r\nUpgrade: websocket\r\n', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'],
  rawRequest('GET', '/healthz'),
];

/** A change of a request’s bytes: so many are cut out somewhere, mostly near the beginning, and others put in. */
const mutation = fc.record({
  at: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 5_000 })),
  cut: fc.nat({ max: 6 }),
  put: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary-ascii', maxLength: 3 })),
});

/** How a request is changed that is not sent by a client of HTTP, but byte by byte. */
export const mutations = fc.record({
  changes: fc.array(mutation, { minLength: 1, maxLength: 4 }),
  times: fc.integer({ min: 1, max: 3 }),
  isHalfClosed: fc.boolean(),
});

export type Mutations = typeof mutations extends fc.Arbitrary<infer Value> ? Value : never;

/** What is wrong with the answers to a request with these changes; null: nothing. */
export async function faultOfMutated(url: string, request: Sent, how: Mutations): Promise<string | null> {
  const { changes, times, isHalfClosed } = how;
  let text = textOf(request).repeat(times);
  for (const { at, cut, put } of changes) {
    const from = at % (text.length + 1);
    text = text.slice(0, from) + put + text.slice(from + cut);
  }
  const { responses } = await sendRaw(url, Buffer.from(text, 'latin1'), { ms: ANSWER_MS, isHalfClosed });
  const faults = responses.map(({ status, headers, body }) =>
    faultOf({ status, headers: Object.fromEntries(headers), text: body }),
  );
  const fault = faults.find((found) => found !== null);
  return fault === undefined ? null : `${fault} to the bytes ${JSON.stringify(text)}`;
}

function textOf({ method, path, headers = {}, body, isChunked = false }: Sent): string {
  const bytes = body?.toString('latin1') ?? '';
  const framing = isChunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(bytes.length) };
  const framed = isChunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n` : bytes;
  return rawRequest(method, path, { ...headers, Connection: 'close', ...(body === undefined ? {} : framing) }, framed);
}
