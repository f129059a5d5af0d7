import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../clock/clock.ts';

const CLOSE_EVERY_MS = 50;

/**
 * Closes each connection as soon as nothing is being answered on it, until the server is closed. Node does so only once, and
 * a connection that was busy then would keep the server open for as long as its client keeps it; so would one on which
 * nothing was ever asked, which Node takes for busy.
 */
export class IdleConnections {
  private readonly unused = new Set<Socket>();

  constructor(
    private readonly server: Server,
    private readonly clock: Clock,
  ) {
    server.on('connection', (socket: Socket) => {
      if (socket.bytesRead > 0) return; // begun again, after an offer of another protocol
      this.unused.add(socket);
      socket.once('data', () => this.unused.delete(socket));
      socket.once('close', () => this.unused.delete(socket));
    });
  }

  /** From now on until the server is closed. */
  close(): void {
    let cancel: Cancel = () => undefined;
    const closeNow = (): void => {
      this.server.closeIdleConnections();
      for (const socket of this.unused) socket.destroy();
      cancel = this.clock.after(CLOSE_EVERY_MS, closeNow);
    };
    this.server.once('close', () => cancel());
    closeNow();
  }
}
