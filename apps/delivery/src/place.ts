import type { Cursor } from './tie-span.ts';

/** Where a client stands: what a resume token says. */
export interface Place {
  /** It was told all up to here. */
  readonly cursor: Cursor;
  /** Of its first snapshot, which goes by user id, it has only the part up to this user; null: all of it. */
  readonly after: string | null;
}
