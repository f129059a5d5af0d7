import type { SourceProcess } from './source-process.ts';

export interface PostAnswer {
  readonly accepted?: number;
  readonly errcode?: string;
  readonly error?: string;
  readonly faults?: readonly { readonly index: number; readonly error: string }[];
}

/** A server in a process of its own. */
export class ServerProcess {
  constructor(
    readonly process: SourceProcess,
    readonly url: string,
  ) {}

  /** Resolves when the process says where it listens. Rejects with what it says when it cannot. */
  static async listening(process: SourceProcess): Promise<ServerProcess> {
    const line = await process.line((text) => / listens on http/.test(text));
    return new ServerProcess(process, line.slice(line.indexOf('http')));
  }

  /** Posts events as an upstream service, and returns the answer. */
  async post(events: readonly object[]): Promise<{ status: number; body: PostAnswer; retryAfter: string | null }> {
    const response = await fetch(`${this.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer dev-upstream', 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    const body = (await response.json()) as PostAnswer;
    return { status: response.status, body, retryAfter: response.headers.get('retry-after') };
  }

  /** Posts events that must be accepted. */
  async accept(...events: readonly object[]): Promise<void> {
    const { status, body } = await this.post(events);
    if (status !== 200) throw new Error(`The events were answered ${status}: ${JSON.stringify(body)}`);
  }

  /** Resolves when it is caught up. */
  async ready(): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.url}/readyz`);
      if (response.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
