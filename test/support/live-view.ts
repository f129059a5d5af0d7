import type { FrameData, LiveClient, StreamEvent } from './live-client.ts';
import type { StreamOptions } from './stream-client.ts';

/** What a subscriber was told of a user, or that it is to forget them. */
export interface Told {
  readonly userId: string;
  /** Presence, whether currently active, and status text; null: forget. */
  readonly state: string | null;
  /** It came in a snapshot, or first after a resume: then it may have been told before. */
  readonly mayRepeat: boolean;
}

/** Presence, whether currently active, and status text, to be compared as one. */
export const stateText = (presence: string, isActive: boolean, statusMsg: string | null): string =>
  `${presence} ${isActive} ${statusMsg ?? ''}`;

type Content = NonNullable<FrameData['content']>;
const contentText = (content: Content): string =>
  stateText(content.presence, content.currently_active ?? false, content.status_msg ?? null);

/** How a subscriber is connected. */
export type Transport = new (url: string, accessToken: string, options: StreamOptions) => LiveClient;

/** A subscriber whose connection is cut now and then, and who goes on from its last token, having forgotten what came after it. */
export class CutSubscriber {
  readonly told: Told[] = [];
  cuts = 0;
  private isResumed = false;
  private client: LiveClient;
  private token: string | null = null;
  private node = 0;

  constructor(
    private readonly Transport: Transport,
    /** Where it is served, in turn. */
    private readonly urls: readonly string[],
    private readonly accessToken: string,
  ) {
    this.client = this.connect();
  }

  /** Resolves when the snapshot is there. */
  async ready(): Promise<void> {
    await this.client.event(({ data }) => data.type === 'snapshot' && data.more === false);
  }

  async cut(): Promise<void> {
    this.cuts++;
    this.isResumed = true;
    await this.leave();
    this.client = this.connect();
  }

  /** Ends it for good, once it is connected: a node may have been behind its token. */
  async end(): Promise<void> {
    while (await this.client.isRefused()) await this.cut();
    await this.client.settled();
    await this.leave();
  }

  private connect(): LiveClient {
    const url = this.urls[this.node++ % this.urls.length] ?? '';
    return new this.Transport(url, this.accessToken, { since: this.token });
  }

  private async leave(): Promise<void> {
    await this.client.close();
    const { events } = this.client;
    // What came after the last token is told again after the resume.
    const kept = events.slice(0, events.findLastIndex(({ token }) => token !== null) + 1);
    this.token = this.client.token ?? this.token;
    const seen = new Set<string>();
    for (const event of kept) this.take(event, seen);
  }

  private take({ type, data }: StreamEvent, seen: Set<string>): void {
    if (data.type === 'reset') throw new Error('The stream was reset.');
    for (const { sender, content } of data.events ?? []) {
      this.told.push({ userId: sender, state: contentText(content), mayRepeat: true });
    }
    const { sender, content, user_id: forgotten } = data;
    if (sender !== undefined && content !== undefined) {
      this.told.push({ userId: sender, state: contentText(content), mayRepeat: this.isResumed && !seen.has(sender) });
      seen.add(sender);
    }
    // Each poll goes on from its token: whoever left and came back in between is told of anew.
    if (type === 'token') {
      this.isResumed = true;
      seen.clear();
    }
    if (data.type === 'forget' && forgotten !== undefined) {
      this.told.push({ userId: forgotten, state: null, mayRepeat: true });
    }
  }
}
