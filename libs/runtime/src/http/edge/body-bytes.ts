import type { IncomingMessage } from 'node:http';
import { MatrixError, unavailable } from '../matrix-error.ts';

/** So much of each body is not counted, so that whoever fills the store with large ones hinders nobody with a small one. */
const UNCOUNTED_BYTES = 16 * 1_024;
/** So much of a body that is refused is read all the same, and thrown away. */
const DISCARDED_BYTES_MAX = 64 * 1_024 * 1_024;
const RETRY_AFTER_MS = 1_000;

/** How many bytes of bodies there may be in memory at a time, of all that are being read. */
export class BodyStore {
  private bytes = 0;

  constructor(private readonly bytesMax: number) {}

  get size(): number {
    return this.bytes;
  }

  /** False: there is no room for so many more. */
  take(bytes: number): boolean {
    if (this.bytes + bytes > this.bytesMax) return false;
    this.bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.bytes -= bytes;
  }
}

/** The bytes of one body. `release` has to be called when they are no longer held. */
export class BodyBytes {
  private chunks: Buffer[] = [];
  private length = 0;
  private counted = 0;
  private refusal: Error | null = null;

  constructor(
    private readonly stream: IncomingMessage,
    private readonly store: BodyStore,
    private readonly bytesMax: number,
  ) {}

  /** Resolves with the body. Throws 413 when it is too long, 503 when there are too many large ones. */
  async read(): Promise<Buffer> {
    const declared = Number(this.stream.headers['content-length'] ?? 0);
    if (declared > this.bytesMax) return this.refuse(this.tooLarge());
    await this.flow();
    return Buffer.concat(this.chunks, this.length);
  }

  /**
   * Throws the error once the body is read, and thrown away: a client that still writes when its connection is closed would
   * be told of a reset, and not of the reason. A body that is endless, or nearly so, is not waited for.
   */
  async refuse(error: Error): Promise<never> {
    this.refusal = error;
    const declared = Number(this.stream.headers['content-length'] ?? 0);
    if (declared <= DISCARDED_BYTES_MAX) await this.flow();
    throw error;
  }

  release(): void {
    this.store.give(this.counted);
    this.counted = 0;
    this.chunks = [];
  }

  private flow(): Promise<void> {
    const { stream } = this;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        stream.off('data', onData).off('end', onEnd).off('close', onCut).off('error', onCut);
      };
      const onEnd = (): void => {
        stop();
        if (this.refusal === null) resolve();
        else reject(this.refusal);
      };
      const onCut = (): void => {
        stop();
        stream.on('error', () => undefined);
        reject(new MatrixError(400, 'M_NOT_JSON', 'The body was cut off.')); // if anybody is there to be told
      };
      const onData = (chunk: Buffer): void => {
        this.take(chunk);
        if (this.length > DISCARDED_BYTES_MAX) onEnd();
      };
      stream.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut);
    });
  }

  private take(chunk: Buffer): void {
    this.length += chunk.length;
    if (this.refusal !== null) return;
    if (this.length > this.bytesMax) return this.refuseRest(this.tooLarge());
    const bytes = Math.max(0, this.length - UNCOUNTED_BYTES) - this.counted;
    if (!this.store.take(bytes)) return this.refuseRest(tooManyBodies());
    this.counted += bytes;
    this.chunks.push(chunk);
  }

  private refuseRest(error: Error): void {
    this.refusal = error;
    this.release();
  }

  private tooLarge(): Error {
    return new MatrixError(413, 'M_TOO_LARGE', `A body has at most ${this.bytesMax} bytes here: send it in parts.`);
  }
}

const tooManyBodies = (): Error => unavailable('Too many large bodies are being read. Send it again.', RETRY_AFTER_MS);
