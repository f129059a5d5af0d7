import type { IncomingMessage, Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ToldError } from './told-error.ts';

/** Answers an upgrade with an error, as HTTP, and closes the connection. */
export function refuseUpgrade(socket: Duplex, { status, body, retryAfterMs }: ToldError): void {
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(retryAfterMs === undefined ? [] : [`Retry-After: ${Math.ceil(retryAfterMs / 1_000)}`]),
    'Connection: close',
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

const UPGRADE_HEADERS = ['upgrade', 'http2-settings'];

/**
 * Answers a request that offers another protocol than WebSocket as if it had not, which a server may do (RFC 9110, 7.8). Java's
 * client offers `h2c` with every first request. Node stops to read HTTP on such a connection once anybody listens for
 * upgrades, so it is begun again, with the request put back in front of what follows.
 */
export function answerWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    if (UPGRADE_HEADERS.includes(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  const kept = options.filter((option) => !UPGRADE_HEADERS.includes(option.toLowerCase()));
  return kept.length === 0 ? 'keep-alive' : kept.join(', ');
}
