import type { CheckpointRecord } from '#domain/state-records';

/**
 * An image is a process's own copy of what it knows of `presence.state`, from which it begins again in seconds: a restart
 * reads the image, and of the state only what came after. It is taken while the process works, a few rows at a time, so that
 * its rows are of different moments. That does no harm: whatever changed after the first of them is read again from the log.
 */
export interface ImageHeader {
  readonly format: typeof IMAGE_FORMAT;
  readonly logId: string;
  readonly partitionCount: number;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  readonly parts: readonly ImagePart[];
}

/** How far an image goes in one partition of the state when its first row is taken. */
export interface ImagePart {
  readonly partition: number;
  /** All that is committed before this offset is in the rows, and what comes from here on is to be read from the log. */
  readonly from: number;
  /** The last checkpoint before it; null: there was none. */
  readonly checkpoint: CheckpointRecord | null;
}

/** The last of an image. */
export interface ImageTrailer {
  /** By part: the rows hold nothing that lies at this offset or after it. */
  readonly to: readonly number[];
  readonly rows: number;
}

/** To be raised whenever rows of an older version would be misread. */
export const IMAGE_FORMAT = 1;

/**
 * Older ones are not used: of what was forgotten, Kafka keeps the tombstone for a day only, and without it the image would
 * bring back what has ended.
 */
export const IMAGE_AGE_MS_MAX = 12 * 3_600_000;

/** What an image is taken of. */
export interface ImageSubject<Row = unknown> {
  /** Of the image: one for each app and, where it has an image for each, partition. */
  readonly name: string;
  /** How many rows there will be, about. */
  readonly size: number;
  /** How far it stands in each partition; null: it has nothing to show yet. */
  parts(): readonly ImagePart[] | null;
  /** All that it knows, to be taken only while `isSettled`, and to be gone on with while it changes. */
  rows(): Iterable<Row>;
  /** Nothing is half done: all that a row would show is committed. */
  readonly isSettled: boolean;
  /** It was thrown away, and there is nothing more to be taken. */
  readonly isOver: boolean;
}

/** What an image is put into. */
export interface ImageTarget<Row> {
  take(row: Row): void;
  /** Those were all rows. */
  taken(parts: readonly ImagePart[]): void;
  /** The image cannot be used: what was taken of it is to be thrown away. */
  forget(): void;
}

/** The sum of the offsets up to which the parts go. */
export function positionOf(parts: readonly ImagePart[]): number {
  return parts.reduce((sum, { from }) => sum + from, 0);
}

/** Where images are kept. */
export interface ImageStore {
  /** Opens an image; null: there is none. */
  open(name: string): Promise<StoredImage | null>;
  /** Puts an image in the place of the old one when its frames have ended; when they throw, the old one stays. */
  write(name: string, frames: AsyncIterable<Buffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

/** An image that was opened. It stays as it is, also when another is put in its place. */
export interface StoredImage {
  /** Its frames from the first on, as they were written. Throws when it is damaged. */
  frames(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}
