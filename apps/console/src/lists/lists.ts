import type { PresenceClient } from '#client/index';

interface Pending {
  readonly outgoing: readonly { readonly user_id: string; readonly state: 'pending' | 'denied' }[];
  readonly incoming: readonly { readonly user_id: string }[];
  readonly followers: readonly { readonly user_id: string }[];
}

/** What can be done to a list: ask somebody, give up, and answer those who ask. */
export type ListAction = 'invite' | 'drop' | 'accept' | 'deny';

/** The user's presence list, and whose list the user is on. */
export class Lists {
  following: ReadonlySet<string> = new Set();
  pending: Pending = { outgoing: [], incoming: [], followers: [] };
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly client: PresenceClient) {}

  /** Calls `listener` whenever they were read anew. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Reads them. Throws a `RequestError`. */
  async load(): Promise<void> {
    const path = await this.path();
    const [followed, pending] = await Promise.all([
      this.client.request<readonly { sender: string }[]>('GET', path),
      this.client.request<Pending>('GET', `${path}?pending=true`),
    ]);
    this.following = new Set(followed.map(({ sender }) => sender));
    this.pending = pending;
    for (const listener of this.listeners) listener();
  }

  /** Does it, and reads the lists anew. Throws a `RequestError`. */
  async change(action: ListAction, userId: string): Promise<void> {
    await this.client.request('POST', await this.path(), { body: { [action]: [userId] } });
    await this.load();
  }

  private async path(): Promise<string> {
    return `/_matrix/client/v3/presence/list/${encodeURIComponent(await this.client.userId())}`;
  }
}
