import { createParser } from 'eventsource-parser';
import type { FrameData } from './live-client.ts';
import { LiveClient } from './live-client.ts';

export interface StreamOptions {
  readonly since?: string | null;
  /** By default it watches unseen. */
  readonly setPresence?: 'online' | 'unavailable' | 'offline' | 'none';
}

/** A subscriber on `/v1/stream`. */
export class StreamClient extends LiveClient {
  readonly ended: Promise<void>;
  private readonly stopping = new AbortController();

  constructor(url: string, accessToken: string, { since = null, setPresence = 'offline' }: StreamOptions = {}) {
    super();
    this.ended = this.read(
      `${url}/v1/stream${setPresence === 'none' ? '' : `?set_presence=${setPresence}`}`,
      accessToken,
      since,
    );
    this.ended.catch(() => this.isTaken(false)); // whoever waits for it hears of the error
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.ended.catch(() => undefined);
  }

  private async read(url: string, accessToken: string, since: string | null): Promise<void> {
    const headers = { authorization: `Bearer ${accessToken}`, ...(since === null ? {} : { 'last-event-id': since }) };
    const { signal } = this.stopping;
    const response = await fetch(url, { headers, signal });
    this.isTaken(response.status === 200);
    if (response.status !== 200 || response.body === null) {
      throw new Error(`The stream answered ${response.status}: ${await response.text()}`);
    }
    const parser = createParser({
      onEvent: ({ id, event, data }) =>
        this.take({ type: event ?? '', token: id ?? null, data: JSON.parse(data) as FrameData }),
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
  }
}
