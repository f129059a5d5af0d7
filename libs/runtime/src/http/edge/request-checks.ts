import type { IncomingMessage, Server } from 'node:http';
import { MatrixError } from '../matrix-error.ts';

const HEADERS_MAX = 200;

/** What Node answers by itself, and in no shape of ours, or lets pass by: passed on to `requireSound`. */
export function passUnexpected(server: Server): void {
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
}

/** Refuses what HTTP does not allow (RFC 9112, RFC 9110), and what is not understood here. Throws a `MatrixError`. */
export function requireSound({ headers, rawHeaders, httpVersion }: IncomingMessage): void {
  if (rawHeaders.length / 2 > HEADERS_MAX) {
    throw new MatrixError(431, 'M_TOO_LARGE', `A request has at most ${HEADERS_MAX} headers.`);
  }
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    throw new MatrixError(400, 'M_UNRECOGNIZED', 'A request has one Host header.');
  }
  if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect)) {
    throw new MatrixError(417, 'M_UNRECOGNIZED', 'Nothing can be expected here but 100-continue.');
  }
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw new MatrixError(415, 'M_NOT_JSON', 'Send the body as it is, without a Content-Encoding.');
  }
  if (!/^chunked$/i.test(headers['transfer-encoding'] ?? 'chunked')) {
    throw new MatrixError(400, 'M_UNRECOGNIZED', 'Send the body with no Transfer-Encoding but chunked.');
  }
}
