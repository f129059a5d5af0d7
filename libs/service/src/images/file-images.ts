import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ImageStore, StoredImage } from './image.ts';

/** Before each frame: how long it is, and its CRC-32. */
const HEAD_BYTES = 8;
/** Longer ones are not written, and where one is read, the file is damaged. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** Images as files of a directory, which is this process's alone. */
export class FileImages implements ImageStore {
  constructor(private readonly directory: string) {}

  async open(name: string): Promise<StoredImage | null> {
    try {
      const file = await open(this.path(name), 'r');
      return { frames: () => framesOf(file), close: () => file.close() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async write(name: string, frames: AsyncIterable<Buffer>): Promise<void> {
    const draft = `${this.path(name)}.draft`;
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    try {
      const file = await open(draft, 'w', 0o600);
      try {
        for await (const frame of frames) await file.appendFile(Buffer.concat([headOf(frame), frame]));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.path(name));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  private path(name: string): string {
    return join(this.directory, `${name}.image`);
  }
}

function headOf(frame: Buffer): Buffer {
  if (frame.length > FRAME_BYTES_MAX) throw new RangeError(`A frame of ${frame.length} bytes is too long.`);
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(frame.length, 0);
  head.writeUInt32BE(crc32(frame), 4);
  return head;
}

async function* framesOf(file: FileHandle): AsyncIterable<Buffer> {
  const { size } = await file.stat();
  for (let at = 0; at < size;) {
    const head = await bytesAt(file, at, HEAD_BYTES);
    const length = head.readUInt32BE(0);
    if (length > FRAME_BYTES_MAX) throw new Error('it is damaged');
    const frame = await bytesAt(file, at + HEAD_BYTES, length);
    if (crc32(frame) !== head.readUInt32BE(4)) throw new Error('it is damaged');
    yield frame;
    at += HEAD_BYTES + length;
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead < length) throw new Error('it was cut off');
  return bytes;
}
