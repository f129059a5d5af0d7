/** A frame, as it came to a client. */
export interface StreamEvent {
  readonly type: string;
  /** The resume token, where the frame carries one. */
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

/** A subscriber on some transport, which notes what it is told. */
export abstract class LiveClient {
  readonly events: StreamEvent[] = [];
  /** Settles when it has ended. */
  abstract readonly ended: Promise<void>;
  private answer: (isGood: boolean) => void = () => undefined;
  private readonly answered = new Promise<boolean>((resolve) => (this.answer = resolve));
  private waiting: { isIt: (event: StreamEvent) => boolean; resolve: (event: StreamEvent) => void }[] = [];

  /** Leaves, without a word. */
  abstract close(): Promise<void>;

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

  /** The server has taken it, or not. */
  protected isTaken(isGood: boolean): void {
    this.answer(isGood);
  }

  protected take(event: StreamEvent): void {
    this.events.push(event);
    this.waiting = this.waiting.filter(({ isIt, resolve }) => {
      if (isIt(event)) resolve(event);
      return !isIt(event);
    });
  }
}
