import type { DeadLetter } from '#domain/changes';
import type { FoldOptions, FoldRecord } from '#domain/fold';

/** A place between two records of a partition. */
export interface Place {
  /** Of the next record. */
  readonly offset: number;
  /** In an event file: bytes of text before it, uncompressed. In a log null. */
  readonly byte: number | null;
  /** Log time, milliseconds. */
  readonly t: number;
}

/** Some records of a partition, and the place after them. */
export interface RecordBatch {
  readonly records: readonly FoldRecord[];
  readonly next: Place;
}

/** A partition to be folded: of the log, or an event file. */
export interface Source {
  /** What it is called to people. */
  readonly name: string;
  /** Null where there is only one. */
  readonly partition: number | null;
  readonly foldOptions: FoldOptions & Required<Pick<FoldOptions, 'policy'>>;
  readonly deadLetters: DeadLetterCount;
  /** Names the records for good; of a file, as it is now. */
  identity(): string;
  /** All records from the place on; null: from the beginning. Throws a `CommandError` when they are not there. */
  read(from: Place | null): AsyncIterable<RecordBatch>;
}

/** The records that cannot be folded. */
export class DeadLetterCount {
  count = 0;
  first: DeadLetter | undefined;

  add(letters: readonly DeadLetter[]): void {
    this.count += letters.length;
    this.first ??= letters[0];
  }
}

/** The records of a source, from its beginning or a place on. */
export async function* recordsOf(source: Source, from: Place | null = null): AsyncIterable<readonly FoldRecord[]> {
  for await (const { records } of source.read(from)) yield records;
}
