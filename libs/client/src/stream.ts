import type { Clock } from './clock.ts';
import { EventParser } from './event-parser.ts';
import type { Frame } from './frame.ts';

/** The server says something every 15 s; a connection that is silent for so long is dead, though nobody has said so. */
const SILENT_MS_MAX = 45_000;

export interface TokenFrame {
  readonly frame: Frame;
  /** The resume token that holds after it, where the frame carries one. */
  readonly token: string | null;
}

/** One response of `GET /v1/stream`, read as fast as its frames are taken: what waits meanwhile the server keeps together. */
export class Stream {
  private readonly parser = new EventParser();

  constructor(
    private readonly body: ReadableStream<Uint8Array>,
    private readonly clock: Clock,
  ) {}

  /** When the server wants its clients back after the end, milliseconds; null: it has not said. */
  get retryMs(): number | null {
    return this.parser.retryMs;
  }

  /** Ends when the server ends it. Throws when the connection breaks or falls silent. */
  async *frames(): AsyncGenerator<TokenFrame> {
    const reader = this.body.getReader();
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.read(reader);
        if (done) return;
        for (const { id, data } of this.parser.push(decoder.decode(value, { stream: true }))) {
          yield { frame: JSON.parse(data) as Frame, token: id };
        }
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  private async read(reader: ReadableStreamDefaultReader<Uint8Array>) {
    let cancel = (): void => undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(SILENT_MS_MAX, () => reject(new Error('The server has fallen silent.')));
    });
    try {
      return await Promise.race([reader.read(), silence]);
    } finally {
      cancel();
    }
  }
}
