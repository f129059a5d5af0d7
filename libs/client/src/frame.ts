import type { Presence } from './options.ts';

/** What the server says of somebody (the Matrix client-server API's `m.presence`). */
export interface PresenceEvent {
  readonly type: 'm.presence';
  readonly sender: string;
  readonly content: {
    readonly presence: Presence;
    /** Milliseconds, at the moment of sending. */
    readonly last_active_ago?: number | undefined;
    /** Only of those who are online. */
    readonly currently_active?: boolean | undefined;
    readonly status_msg?: string | undefined;
  };
}

/** The frames of `GET /v1/stream`, as docs/asyncapi.json describes them. */
export type Frame =
  | { readonly type: 'snapshot'; readonly events: readonly PresenceEvent[]; readonly more: boolean }
  | PresenceEvent
  | { readonly type: 'forget'; readonly user_id: string }
  | { readonly type: 'room.presence'; readonly room_id: string; readonly mode: 'full' | 'off' }
  | {
      readonly type: 'm.presence_invite' | 'm.presence_accept' | 'm.presence_deny';
      readonly sender: string;
      readonly content: { readonly observed_user: string; readonly observer_user: string };
    }
  | { readonly type: 'reset'; readonly reason: string };
