import type { MPresenceEvent } from '#domain/m-presence';
import type { Connection, FrameSink } from '#delivery/connection';
import type { Delivery } from '#delivery/delivery';
import type { Cursor } from '#delivery/tie-span';
import type { Frame } from '#delivery/frame';

/** What a client believes of a user. */
export interface Believed {
  readonly presence: string;
  readonly statusMsg: string | null;
  readonly currentlyActive: boolean;
  readonly lastActiveTs: number | null;
}

/** What happened to a client, in order, for the checks at the end. */
export type Happening =
  | { readonly type: 'fresh' }
  | { readonly type: 'resumed'; readonly token: string; readonly cursor: Cursor }
  | { readonly type: 'told'; readonly userId: string; readonly state: Believed; readonly isSnapshot: boolean }
  | { readonly type: 'forgot'; readonly userId: string }
  | { readonly type: 'token'; readonly token: string };

const BUFFERED_FRAMES_MAX = 3;

/** A client with a small buffer, which it reads when the world lets it, and which remembers its last token. */
export class SimClient implements FrameSink {
  view = new Map<string, Believed>();
  token: string | null = null;
  connection: Connection | null = null;
  readonly happenings: Happening[] = [];
  /** The node that is being asked to go on from the token. */
  opening: Delivery | null = null;
  private viewAtToken = new Map<string, Believed>();
  private buffered: { frame: Frame; token: string | null }[] = [];

  constructor(
    readonly userId: string,
    private readonly now: () => number,
  ) {}

  send(frame: Frame, token: string | null): boolean {
    this.buffered.push({ frame, token });
    return this.buffered.length < BUFFERED_FRAMES_MAX;
  }

  /** The server has ended the connection, or its node has died: what was on the way is lost. */
  end(): void {
    this.connection = null;
    this.buffered = [];
  }

  /** The client goes on from its token, or from nothing. */
  begins(since: Cursor | null): void {
    this.buffered = [];
    if (since === null || this.token === null) {
      this.view = new Map();
      this.token = null;
      this.happenings.push({ type: 'fresh' });
    } else {
      this.view = new Map(this.viewAtToken);
      this.happenings.push({ type: 'resumed', token: this.token, cursor: since });
    }
  }

  get hasUnread(): boolean {
    return this.buffered.length > 0;
  }

  /** Reads what has arrived, and tells the server that there is room. */
  read(): void {
    const wasFull = this.buffered.length >= BUFFERED_FRAMES_MAX;
    for (const { frame, token } of this.buffered) {
      this.take(frame);
      if (token === null) continue;
      this.token = token;
      this.viewAtToken = new Map(this.view);
      this.happenings.push({ type: 'token', token });
    }
    this.buffered = [];
    if (wasFull) this.connection?.drained();
  }

  private take(frame: Frame): void {
    if (frame.type === 'snapshot') for (const event of frame.events) this.tell(event, true);
    else if (frame.type === 'm.presence') this.tell(frame, false);
    else if (frame.type === 'forget') {
      this.view.delete(frame.user_id);
      this.happenings.push({ type: 'forgot', userId: frame.user_id });
    }
  }

  private tell({ sender, content }: MPresenceEvent, isSnapshot: boolean): void {
    const state: Believed = {
      presence: content.presence,
      statusMsg: content.status_msg ?? null,
      currentlyActive: content.currently_active ?? false,
      lastActiveTs: content.last_active_ago === undefined ? null : this.now() - content.last_active_ago,
    };
    this.view.set(sender, state);
    this.happenings.push({ type: 'told', userId: sender, state, isSnapshot });
  }
}
