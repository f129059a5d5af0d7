import type { LiveClient, StreamEvent } from '../support/live-client.ts';
import type { Transport } from '../support/live-view.ts';
import { stateText } from '../support/live-view.ts';
import type { StreamOptions } from '../support/stream-client.ts';

/** What happened to a client, in order. */
export type Heard =
  | { readonly kind: 'began' }
  /** Null: it is to forget the user. */
  | { readonly kind: 'told'; readonly userId: string; readonly text: string | null }
  /** `isStart`: of a snapshot, whose token says where it began. */
  | { readonly kind: 'token'; readonly token: string; readonly isStart: boolean }
  | { readonly kind: 'reset' };

type Content = NonNullable<StreamEvent['data']['content']>;

const RETRY_MS = 100;

/** A subscriber who goes on from its last token, at the next node, whenever its connection has ended. */
export class Watcher {
  readonly heard: Heard[] = [];
  /** How long it was without a frame after each end of a connection, milliseconds. */
  readonly recoveriesMs: number[] = [];
  frames = 0;
  private readonly texts = new Map<string, string>();
  private token: string | null = null;
  private isStopping = false;
  private leave: () => void = () => undefined;
  private client: LiveClient | null = null;
  private readonly running: Promise<void>;

  constructor(
    readonly userId: string,
    readonly Transport: Transport,
    /** Where it is served, in turn. */
    private readonly urls: readonly string[],
    readonly setPresence: NonNullable<StreamOptions['setPresence']>,
    first: number,
  ) {
    this.running = this.run(first);
  }

  get name(): string {
    return `${this.userId} by ${this.Transport.name}`;
  }

  /** Ends its connection. It forgets what came after its last token, and comes back. */
  cut(): void {
    this.leave();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.leave();
    await this.running;
  }

  /** Takes over what has come. */
  drain(): void {
    for (const event of this.client?.events.splice(0) ?? []) this.take(event);
  }

  private async run(first: number): Promise<void> {
    let endedAt: number | null = null;
    for (let node = first; !this.isStopping; node++) {
      const url = this.urls[node % this.urls.length] ?? '';
      const client = new this.Transport(url, `${this.userId}/D`, { since: this.token, setPresence: this.setPresence });
      this.client = client;
      this.heard.push({ kind: 'began' });
      const since = endedAt;
      if (since !== null) {
        client
          .event(() => true)
          .then(
            () => {
              this.recoveriesMs.push(Date.now() - since);
              endedAt = null;
            },
            () => undefined,
          );
      }
      const left = new Promise<void>((resolve) => (this.leave = resolve));
      await Promise.race([client.ended.catch(() => undefined), left]);
      endedAt ??= Date.now();
      await client.close();
      this.drain();
      if (!this.isStopping) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private take({ type, token, data }: StreamEvent): void {
    this.frames++;
    if (data.type === 'reset') this.heard.push({ kind: 'reset' });
    for (const { sender, content } of data.events ?? []) this.told(sender, this.textOf(content));
    if (data.sender !== undefined && data.content !== undefined) this.told(data.sender, this.textOf(data.content));
    if (data.type === 'forget' && data.user_id !== undefined) this.told(data.user_id, null);
    if (token === null) return;
    this.token = token;
    this.heard.push({ kind: 'token', token, isStart: type === 'snapshot' });
  }

  private told(userId: string, text: string | null): void {
    this.heard.push({ kind: 'told', userId, text });
  }

  /** One string for all that are the same: there are millions. */
  private textOf({ presence, currently_active: isActive = false, status_msg: statusMsg }: Content): string {
    const text = stateText(presence, isActive, statusMsg ?? null);
    if (!this.texts.has(text)) this.texts.set(text, text);
    return this.texts.get(text) ?? text;
  }
}
