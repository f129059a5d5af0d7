import type { IncomingMessage, Server } from 'node:http';
import { parse } from 'node:querystring';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { bearerToken } from '#runtime/auth/authenticator';
import { spread } from '#runtime/clock/chance';
import type { ConnectionLimits } from '#runtime/http/limits/connection-limits';
import { badRequest, MatrixError, unavailable } from '#runtime/http/matrix-error';
import { readBody } from '#runtime/http/read-body';
import { streamQuery } from '../stream.schemas.ts';
import type { Asked } from './admission.ts';
import { toldError } from './told-error.ts';
import { answerWithoutUpgrade, refuseUpgrade } from './upgrade-answers.ts';
import type { SessionServices } from './websocket-session.ts';
import { WebSocketSession } from './websocket-session.ts';

export const WEBSOCKET_PATH = '/v1/ws';
const MESSAGE_BYTES_MAX = 64 * 1_024;
const RETRY_AFTER_MS = 1_000;

export interface WebSocketEndpointOptions extends SessionServices {
  readonly connectionLimits: ConnectionLimits;
  /** From which address a request comes. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Throws a `MatrixError` (403) for a request from where none may come. */
  readonly requireNative: (headers: IncomingMessage['headers']) => void;
}

/**
 * `GET /v1/ws`. What is known before the upgrade is answered as HTTP (401, 403, 404, 429, 503), what comes later as an
 * `error` frame, after which the connection is closed.
 */
export class WebSocketEndpoint {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  private readonly sessions = new Set<WebSocketSession>();
  private lastId = 0;
  private isStopping = false;

  constructor(private readonly options: WebSocketEndpointOptions) {
    this.sockets.on('wsClientError', (error, socket) => this.refuse(socket, badRequest(`${error.message}.`)));
  }

  /** Takes the upgrades of a server. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.headers.upgrade?.toLowerCase() === 'websocket') void this.upgrade(request, socket, head);
      else answerWithoutUpgrade(server, request, socket, head);
    });
  }

  /** Takes no more clients, and tells those that are there to come back. */
  stop(): void {
    this.isStopping = true;
    for (const session of this.sessions) session.stop();
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { connectionLimits, addressOf, requireNative, admission } = this.options;
    const onError = (): void => void socket.destroy(); // until the WebSocket has a listener of its own
    socket.on('error', onError);
    try {
      requireNative(request.headers);
      const asked = askedBy(request);
      this.requireReady();
      const address = addressOf(request);
      socket.once('close', connectionLimits.open(address));
      const { authorization } = request.headers;
      const admitted =
        authorization === undefined ? null : await admission.admit(address, bearerToken(authorization), asked);
      this.requireReady(); // still
      if (socket.destroyed) return;
      this.sockets.handleUpgrade(request, socket, head, (opened: WebSocket) => {
        socket.off('error', onError);
        const session = this.session(opened, socket, address, asked);
        if (admitted === null) session.awaitAuth();
        else session.open(admitted);
      });
    } catch (error) {
      this.refuse(socket, error);
    }
  }

  private session(socket: WebSocket, stream: Duplex, address: string, asked: Asked): WebSocketSession {
    const session = new WebSocketSession(String(++this.lastId), socket, stream, address, asked, this.options);
    this.sessions.add(session);
    socket.once('close', () => this.sessions.delete(session));
    return session;
  }

  private requireReady(): void {
    if (this.isStopping) throw unavailable('The server is stopping. Connect again.', spread(RETRY_AFTER_MS));
    if (!this.options.delivery.isReady)
      throw unavailable('This node is still reading the state.', spread(RETRY_AFTER_MS));
  }

  private refuse(socket: Duplex, error: unknown): void {
    refuseUpgrade(socket, toldError(error, this.options.logger));
  }
}

/** Throws a `MatrixError`: 404 for any other path, 400 for a query that cannot be used. */
function askedBy({ url = '/' }: IncomingMessage): Asked {
  const [path, ...query] = url.split('?');
  if (path !== WEBSOCKET_PATH)
    throw new MatrixError(404, 'M_UNRECOGNIZED', `WebSockets are at ${WEBSOCKET_PATH} only.`);
  // A parameter that is given twice is a list, and refused, as on all other routes.
  return readBody(streamQuery, parse(query.join('?')), '?since=TOKEN&set_presence=online');
}
