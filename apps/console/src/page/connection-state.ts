import type { Change } from '#client/index';
import { el } from './dom.ts';

/** Says whether what is shown is as of now. */
export class ConnectionState {
  readonly element = el('span', { className: 'connection waiting', role: 'status' }, 'Connecting');

  changed(change: Change): void {
    if (change.type === 'connected') this.tell('live', 'Live');
    else if (change.type === 'disconnected') {
      const seconds = Math.max(1, Math.round(change.retryMs / 1_000));
      this.tell('waiting', `Not connected, again in ${seconds} s`);
    }
  }

  private tell(kind: string, text: string): void {
    this.element.className = `connection ${kind}`;
    this.element.textContent = text;
  }
}
