import { LogUnavailableError } from '#message-log/errors';
import type { MessageLog } from '#message-log/message-log';
import { Backoff } from '#runtime/clock/backoff';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Log } from '#runtime/log';
import type { ImageStore, ImageSubject, ImageTarget, StoredImage } from './image.ts';
import { positionOf } from './image.ts';
import type { Image } from './read-image.ts';
import { readImage } from './read-image.ts';
import { takeImage } from './take-image.ts';

export interface ImagesOptions {
  readonly store: ImageStore;
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly logger: Log;
  /** An image is taken when so many records have come since the last one, and a quarter of its rows. */
  readonly recordsMin?: number;
  /** How often it is looked, milliseconds. */
  readonly everyMs?: number;
  /** Rows are taken until their JSON has so many characters; then others have their turn. */
  readonly frameLength?: number;
}

const RECORDS_MIN = 10_000;
const ROWS_PER_RECORD = 4;
const EVERY_MS = 10_000;
/** Takes some milliseconds. */
const FRAME_LENGTH = 256 * 1024;

/** Keeps the images of a process's state, and opens them when it begins. Without one, all of the state is read, as ever. */
export class Images {
  /** By name: where the image that there is stands. */
  private readonly standAt = new Map<string, number>();
  private readonly stopping = new AbortController();
  private keeping: Promise<void> = Promise.resolve();

  constructor(private readonly options: ImagesOptions) {}

  /**
   * Puts the image of this name into what begins, if it is of this log, whole, and not too old. False: there is none, or none
   * any more, and all is to be read from the log.
   */
  async restore<Row>(name: string, into: ImageTarget<Row>): Promise<boolean> {
    const { store, logger } = this.options;
    try {
      const stored = await store.open(name);
      if (stored === null) return false;
      try {
        return await this.restoreFrom(name, stored, into);
      } finally {
        await stored.close();
      }
    } catch (error) {
      into.forget();
      if (this.stopping.signal.aborted) return false; // that is not the image's fault
      logger.warn('image.unusable', { name, error: (error as Error).message });
      this.standAt.delete(name);
      await store.remove(name).catch(() => undefined);
      return false;
    }
  }

  /** Takes images of these, whenever enough has changed. */
  keep(subjects: () => Iterable<ImageSubject>): void {
    this.keeping = this.loop(subjects);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.keeping;
  }

  private async restoreFrom<Row>(name: string, stored: StoredImage, into: ImageTarget<Row>): Promise<boolean> {
    const { logger, clock } = this.options;
    const startedAt = clock.elapsed();
    const image = await this.read(stored);
    for await (const rows of image.rows()) {
      this.stopping.signal.throwIfAborted();
      for (const row of rows) into.take(row as Row);
    }
    into.taken(image.header.parts);
    this.standAt.set(name, positionOf(image.header.parts));
    logger.info('image.restored', { name, rows: image.size, ms: Math.round(clock.elapsed() - startedAt) });
    return true;
  }

  /** Tries again while the log does not answer: that is not the image's fault. */
  private async read(stored: StoredImage): Promise<Image> {
    const { log, clock } = this.options;
    const backoff = new Backoff();
    for (;;) {
      try {
        return await readImage(stored, log, clock.now());
      } catch (error) {
        if (!(error instanceof LogUnavailableError) || this.stopping.signal.aborted) throw error;
        await sleep(clock, backoff.next(), this.stopping.signal);
      }
    }
  }

  private async loop(subjects: () => Iterable<ImageSubject>): Promise<void> {
    const { clock, everyMs = EVERY_MS } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(clock, everyMs, signal);
      for (const subject of [...subjects()]) {
        if (!signal.aborted && this.isDue(subject)) await this.take(subject);
      }
    }
  }

  private isDue(subject: ImageSubject): boolean {
    const parts = subject.isOver ? null : subject.parts();
    if (parts === null) return false;
    const enough = Math.max(this.options.recordsMin ?? RECORDS_MIN, subject.size / ROWS_PER_RECORD);
    return positionOf(parts) - (this.standAt.get(subject.name) ?? 0) >= enough;
  }

  private async take(subject: ImageSubject): Promise<void> {
    const { store, log, clock, logger, frameLength = FRAME_LENGTH } = this.options;
    const { name } = subject;
    const { signal } = this.stopping;
    const startedAt = clock.elapsed();
    try {
      const header = await takeImage(store, subject, { log, clock, frameLength, signal });
      if (header === null) return;
      this.standAt.set(name, positionOf(header.parts));
      logger.info('image.taken', { name, rows: subject.size, ms: Math.round(clock.elapsed() - startedAt) });
    } catch (error) {
      this.standAt.set(name, positionOf(subject.parts() ?? [])); // the next one is due when as much has come again
      logger.warn('image.failed', { name, error: (error as Error).message });
    }
  }
}
