import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CommandError } from '#runtime/process';

const WRITE_LENGTH = 1 << 16;

/**
 * Writes text to standard output or a file, in large pieces and no faster than it is taken. A reader of standard output that
 * has had enough (`| head`) ends the process.
 */
export class TextSink {
  private text = '';
  private readonly stream: Writable;
  private failure: Error | null = null;

  /** `path` undefined: standard output. */
  constructor(private readonly path: string | undefined) {
    this.stream = path === undefined ? process.stdout : createWriteStream(path);
    this.stream.on('error', (error: NodeJS.ErrnoException) => {
      if (path === undefined && error.code === 'EPIPE') process.exit(0);
      this.failure = error;
    });
  }

  /** Takes a text; waits only when there is enough to write. */
  write(text: string): Promise<void> | undefined {
    this.text += text;
    return this.text.length >= WRITE_LENGTH ? this.flush() : undefined;
  }

  /** Writes what is left. Throws a `CommandError` when the file could not be written. */
  async end(): Promise<void> {
    await this.flush();
    if (this.path === undefined) return;
    this.stream.end();
    await finished(this.stream).catch((error: Error) => (this.failure ??= error));
    this.requireWhole();
  }

  private async flush(): Promise<void> {
    this.requireWhole();
    const { text } = this;
    this.text = '';
    if (text === '' || this.stream.write(text)) return;
    await once(this.stream, 'drain').catch((error: Error) => (this.failure ??= error));
    this.requireWhole();
  }

  private requireWhole(): void {
    if (this.failure === null) return;
    throw new CommandError(`${this.path ?? 'Standard output'} cannot be written: ${this.failure.message}.`);
  }
}
