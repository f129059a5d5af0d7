import type { Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../clock/clock.ts';
import { HEADER_BYTES_MAX } from './server-limits.ts';

/** How long a connection may go on sending what nobody reads, so that the answer is not lost to a reset. */
const LINGER_MS = 1_000;

interface ParserError extends NodeJS.ErrnoException {
  /** The HTTP parser's own words. */
  readonly reason?: string;
}

/**
 * Answers, as Matrix errors, what is no request that a route could answer: no HTTP, headers that are too long, requests that
 * do not arrive in time. The connection is closed after it.
 */
export class ClientErrors {
  constructor(private readonly clock: Clock) {}

  /** Takes `CONNECT`, which Node would leave without an answer. */
  attach(server: Server): void {
    server.on('connect', (_request, socket) => {
      socket.on('error', () => socket.destroy());
      this.end(socket, 405, 'M_UNRECOGNIZED', 'This is no proxy.');
    });
  }

  /** For the server's `clientError`, which comes again with all that comes after the first. */
  readonly answer = (error: ParserError, socket: Duplex): void => {
    if (socket.writableEnded) return;
    const isUseless = error.code === 'ECONNRESET' || !socket.writable;
    if (isUseless || isUnused(socket) || hasBegunAnswer(socket)) return void socket.destroy();
    if (error.code === 'HPE_HEADER_OVERFLOW') {
      this.end(socket, 431, 'M_TOO_LARGE', `The path and the headers have more than ${HEADER_BYTES_MAX} bytes.`);
    } else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      this.end(socket, 408, 'M_UNRECOGNIZED', 'The request did not arrive in time.');
    } else {
      const why = error.reason === undefined ? '' : ` (${error.reason})`;
      this.end(socket, 400, 'M_UNRECOGNIZED', `This is no well-formed HTTP request${why}.`);
    }
  };

  private end(socket: Duplex, status: number, errcode: string, error: string): void {
    const body = JSON.stringify({ errcode, error });
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
    const cancel = this.clock.after(LINGER_MS, () => socket.destroy());
    socket.once('close', cancel);
  }
}

/** Browsers open connections in advance, and would show an answer that comes on one before they ask. */
const isUnused = (socket: Duplex): boolean => (socket as Socket).bytesRead === 0;

/** In the middle of a stream, say, an answer would be part of the stream. */
function hasBegunAnswer(socket: Duplex): boolean {
  const { _httpMessage: answer } = socket as { _httpMessage?: { readonly headersSent: boolean } | null };
  return answer?.headersSent === true;
}
