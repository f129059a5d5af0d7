import type { SyncEvent } from '#delivery/sync/sync-events';
import type { FrameData } from './live-client.ts';
import { LiveClient } from './live-client.ts';
import type { StreamOptions } from './stream-client.ts';
import { SyncClient } from './sync-client.ts';

const POLL_MS = 30_000;

/** A client that polls `/sync` without a pause, as a stream of what it is told. */
export class SyncStream extends LiveClient {
  readonly ended: Promise<void>;
  private readonly stopping = new AbortController();

  constructor(url: string, accessToken: string, { since = null, setPresence = 'offline' }: StreamOptions = {}) {
    super();
    this.ended = this.poll(new SyncClient(url, accessToken), since, setPresence);
    this.ended.catch(() => this.isTaken(false)); // whoever waits for it hears of the error
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.ended.catch(() => undefined);
  }

  private async poll(client: SyncClient, since: string | null, setPresence: string): Promise<void> {
    const { signal } = this.stopping;
    client.token = since;
    while (!signal.aborted) {
      const query = { timeout: POLL_MS, ...(setPresence === 'none' ? {} : { set_presence: setPresence }) };
      const { presence, next_batch: token } = await client.sync(query, signal);
      this.isTaken(true);
      for (const event of presence.events) this.take({ type: event.type, token: null, data: frameOf(event) });
      this.take({ type: 'token', token, data: { type: 'snapshot', more: false } });
    }
  }
}

/** Whom it may see no more, and whoever hides from it, is to a Matrix client as one who was never active. */
function frameOf(event: SyncEvent): FrameData {
  if (event.type !== 'm.presence') return { type: event.type };
  const { sender, content } = event;
  const isNobody = content.presence === 'offline' && Object.keys(content).length === 1;
  return isNobody ? { type: 'forget', user_id: sender } : event;
}
