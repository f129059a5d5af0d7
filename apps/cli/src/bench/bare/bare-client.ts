import type { FilledRecord } from '../log-places.ts';

/** A client of the log as it comes, which does the same as the adapter does with it. */
export interface BareClient {
  /** Appends blocks, a few of them under way at a time; each is durable when that is over. */
  append(blocks: Iterable<readonly FilledRecord[]>): Promise<void>;
  /** Reads so many records, all that there are. */
  read(count: number): Promise<void>;
  close(): Promise<void>;
}
