import type { Frame } from '#delivery/frame';
import type { Place } from '#delivery/place';
import type { Cursor } from '#delivery/tie-span';

/** A frame as it was made: what the node knew, and when that was. */
export interface Sent {
  readonly frame: Frame;
  /** Checkpoints that the node had read, by partition. */
  readonly cursor: Cursor;
  readonly now: number;
}

/** What happened to a client, in order, for the checks at the end. */
export type Happening =
  /** A stream or a poll began: at a token's place, or with null for both, from nothing. */
  | {
      readonly type: 'began';
      readonly token: string | null;
      readonly since: Place | null;
      readonly cursor: Cursor;
      readonly tellsAll: boolean;
    }
  | { readonly type: 'received'; readonly sent: Sent }
  /** It was sent, and never read. */
  | { readonly type: 'lost'; readonly sent: Sent }
  /** After the frames before it. */
  | { readonly type: 'token'; readonly token: string; readonly cursor: Cursor }
  /** A frame came when the client had said that it takes no more. */
  | { readonly type: 'sent although full' }
  /** A poll was answered with nothing, although it could have waited. */
  | { readonly type: 'answered for nothing' };
