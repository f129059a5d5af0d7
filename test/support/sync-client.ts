import type { SyncEvent } from '#delivery/sync/sync-events';

type Query = Readonly<Record<string, string | number>>;

interface SyncAnswer {
  readonly next_batch: string;
  readonly presence: { readonly events: readonly SyncEvent[] };
}

/** A client that polls `/sync`, and remembers its token and what it was told. */
export class SyncClient {
  token: string | null = null;
  /** By user: presence. */
  readonly view = new Map<string, string>();
  readonly events: SyncEvent[] = [];

  constructor(
    private readonly url: string,
    private readonly accessToken: string,
  ) {}

  /** Polls once. Rejects unless the answer is 200. */
  async sync(query: Query = {}, signal: AbortSignal | null = null): Promise<SyncAnswer> {
    const response = await this.request(query, signal);
    if (response.status !== 200) throw new Error(`Sync answered ${response.status}: ${await response.text()}`);
    const answer = (await response.json()) as SyncAnswer;
    this.token = answer.next_batch;
    for (const event of answer.presence.events) {
      this.events.push(event);
      if (event.type === 'm.presence') this.view.set(event.sender, event.content.presence);
    }
    return answer;
  }

  /** Polls until it is so. */
  async until(isSo: (client: SyncClient) => boolean, query: Query = {}): Promise<void> {
    while (!isSo(this)) await this.sync({ timeout: 200, ...query });
  }

  /** An answer that is not 200. */
  async refused(query: Query): Promise<{ status: number; body: unknown }> {
    const response = await this.request(query);
    return { status: response.status, body: await response.json() };
  }

  /** Begins a poll, and leaves after so many milliseconds. */
  async leave(query: Query, afterMs: number): Promise<void> {
    await this.request(query, AbortSignal.timeout(afterMs)).catch(() => undefined);
  }

  private request(query: Query, signal: AbortSignal | null = null): Promise<Response> {
    const parameters = new URLSearchParams(this.token === null ? {} : { since: this.token });
    for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
    const headers = this.accessToken === '' ? {} : { authorization: `Bearer ${this.accessToken}` };
    return fetch(`${this.url}/_matrix/client/v3/sync?${parameters.toString()}`, { headers, signal });
  }
}
