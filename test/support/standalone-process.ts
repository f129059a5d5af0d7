import type { ProcessOptions } from './source-process.ts';
import { SourceProcess } from './source-process.ts';

const MAIN = 'apps/standalone/src/main.ts';

/** A standalone service in a process of its own. */
export class StandaloneProcess {
  private constructor(
    readonly process: SourceProcess,
    readonly url: string,
  ) {}

  /** Starts it on a free port, and resolves when it listens. Rejects with what it says when it cannot. */
  static async start(
    directory: string,
    options: ProcessOptions & { args?: readonly string[] } = {},
  ): Promise<StandaloneProcess> {
    const { args = [], ...rest } = options;
    const process = new SourceProcess(MAIN, ['--data', directory, '--port', '0', ...args], rest);
    const line = await process.line((text) => text.startsWith('Presently listens on '));
    return new StandaloneProcess(process, line.slice('Presently listens on '.length));
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

export interface PostAnswer {
  readonly accepted?: number;
  readonly errcode?: string;
  readonly error?: string;
  readonly faults?: readonly { readonly index: number; readonly error: string }[];
}
