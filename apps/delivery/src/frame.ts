import type { MPresenceEvent } from '#domain/m-presence';

/** An invitation onto a presence list, or the answer to one, told to the one who has to know of it. */
export interface ListEvent {
  readonly type: 'm.presence_invite' | 'm.presence_accept' | 'm.presence_deny';
  readonly sender: string;
  readonly content: { readonly observed_user: string; readonly observer_user: string };
}

/** Whether a room conveys presence: `off` while an operator excludes it, or it has too many members. */
export type RoomMode = 'full' | 'off';

/** What goes to a client, on every transport. */
export type Frame =
  | { readonly type: 'snapshot'; readonly events: readonly MPresenceEvent[]; readonly more: boolean }
  | MPresenceEvent
  | { readonly type: 'forget'; readonly user_id: string }
  | { readonly type: 'room.presence'; readonly room_id: string; readonly mode: RoomMode }
  | ListEvent;
