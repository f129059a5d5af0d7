import type { ImageStore, StoredImage } from './image.ts';

/** Images in memory: for the simulation. */
export class MemoryImages implements ImageStore {
  private readonly images = new Map<string, readonly Buffer[]>();

  open(name: string): Promise<StoredImage | null> {
    const frames = this.images.get(name);
    if (frames === undefined) return Promise.resolve(null);
    return Promise.resolve({ frames: () => each(frames), close: () => Promise.resolve() });
  }

  async write(name: string, frames: AsyncIterable<Buffer>): Promise<void> {
    const kept: Buffer[] = [];
    for await (const frame of frames) kept.push(frame);
    this.images.set(name, kept);
  }

  remove(name: string): Promise<void> {
    this.images.delete(name);
    return Promise.resolve();
  }
}

async function* each(frames: readonly Buffer[]): AsyncIterable<Buffer> {
  yield* frames;
}
