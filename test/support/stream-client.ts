import { createParser } from 'eventsource-parser';

/** An event of `/v1/stream`, as it came. */
export interface StreamEvent {
  readonly type: string;
  /** The resume token, where the event carries one. */
  readonly token: string | null;
  readonly data: FrameData;
}

interface Content {
  readonly presence: string;
  readonly last_active_ago?: number;
  readonly currently_active?: boolean;
  readonly status_msg?: string;
}

export interface FrameData {
  readonly type: string;
  readonly sender?: string;
  readonly content?: Content;
  readonly events?: readonly { readonly sender: string; readonly content: Content }[];
  readonly more?: boolean;
  readonly user_id?: string;
}

const QUIET_MS = 500;

/** A subscriber on `/v1/stream`, which notes what it is told. */
export class StreamClient {
  readonly events: StreamEvent[] = [];
  /** Settles when the stream has ended. */
  readonly ended: Promise<void>;
  private readonly stopping = new AbortController();
  private answer: (isGood: boolean) => void = () => undefined;
  private readonly answered = new Promise<boolean>((resolve) => (this.answer = resolve));
  private waiting: { isIt: (event: StreamEvent) => boolean; resolve: (event: StreamEvent) => void }[] = [];

  constructor(url: string, accessToken: string, since: string | null = null) {
    this.ended = this.read(url, accessToken, since);
    this.ended.catch(() => this.answer(false)); // whoever waits for it hears of the error
  }

  /** The last token that came. */
  get token(): string | null {
    return this.events.findLast(({ token }) => token !== null)?.token ?? null;
  }

  /** The first such event, come already or later. Rejects when the stream ends without. */
  async event(isIt: (event: StreamEvent) => boolean): Promise<StreamEvent> {
    const come = this.events.find(isIt);
    if (come !== undefined) return come;
    const coming = new Promise<StreamEvent>((resolve) => this.waiting.push({ isIt, resolve }));
    const end = this.ended.then(() => {
      throw new Error(`The stream ended before that, after ${JSON.stringify(this.events)}`);
    });
    return Promise.race([coming, end]);
  }

  /** An `m.presence` of the user with that presence. */
  presence(userId: string, presence: string): Promise<StreamEvent> {
    return this.event(({ data }) => data.sender === userId && data.content?.presence === presence);
  }

  /** Whether the server has answered with an error. */
  async isRefused(): Promise<boolean> {
    return !(await this.answered);
  }

  /** Resolves when nothing has come for a while. */
  async settled(): Promise<void> {
    for (let count = -1; count !== this.events.length;) {
      count = this.events.length;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  /** Leaves, without a word. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.ended.catch(() => undefined);
  }

  private async read(url: string, accessToken: string, since: string | null): Promise<void> {
    const headers = { authorization: `Bearer ${accessToken}`, ...(since === null ? {} : { 'last-event-id': since }) };
    const { signal } = this.stopping;
    const response = await fetch(`${url}/v1/stream`, { headers, signal });
    this.answer(response.status === 200);
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

  private take(event: StreamEvent): void {
    this.events.push(event);
    this.waiting = this.waiting.filter(({ isIt, resolve }) => {
      if (isIt(event)) resolve(event);
      return !isIt(event);
    });
  }
}
