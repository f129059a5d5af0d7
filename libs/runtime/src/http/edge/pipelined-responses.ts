import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tooMany } from '../matrix-error.ts';

/** Requests of a connection that may wait for those before them to be answered. */
const WAITING_MAX = 1_000;
const RETRY_AFTER_MS = 1_000;

/**
 * Closes the responses that wait behind another one of their connection, when that connection closes. Node does so only with
 * the first: a stream behind another one would never end, and its user would be online for ever.
 */
export class PipelinedResponses {
  private readonly waiting = new WeakMap<Socket, Set<ServerResponse>>();

  /** To be called for every request, before anything waits for its end. Throws 429 when too many wait. */
  add({ socket }: IncomingMessage, response: ServerResponse): void {
    if (response.socket !== null) return; // it is the first
    const waiting = this.waiting.get(socket) ?? this.waitingOn(socket);
    if (waiting.size >= WAITING_MAX) {
      throw tooMany(`${WAITING_MAX} requests wait on this connection. Wait for their answers.`, RETRY_AFTER_MS);
    }
    waiting.add(response);
    response.once('socket', () => waiting.delete(response));
  }

  private waitingOn(socket: Socket): Set<ServerResponse> {
    const waiting = new Set<ServerResponse>();
    this.waiting.set(socket, waiting);
    socket.once('close', () => {
      for (const response of waiting) {
        response.destroyed = true; // as Node does with the first
        response.emit('close');
      }
      waiting.clear();
    });
    return waiting;
  }
}
