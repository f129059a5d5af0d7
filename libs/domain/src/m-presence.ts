import type { Presence, PublicState } from './state.ts';

/** The `m.presence` event of the Matrix client-server API. Times are milliseconds. */
export interface PresenceContent {
  presence: Presence;
  last_active_ago?: number;
  currently_active?: boolean;
  status_msg?: string;
}

export interface MPresenceEvent {
  type: 'm.presence';
  sender: string;
  content: PresenceContent;
}

/** `last_active_ago` is as of `now`, which is the moment of answering. */
export function presenceContent(state: PublicState, now: number): PresenceContent {
  const content: PresenceContent = { presence: state.presence };
  if (state.lastActiveTs !== null) content.last_active_ago = Math.max(0, now - state.lastActiveTs);
  if (state.presence === 'online') content.currently_active = state.currentlyActive;
  if (state.statusMsg !== null) content.status_msg = state.statusMsg;
  return content;
}

export function mPresence(userId: string, state: PublicState, now: number): MPresenceEvent {
  return { type: 'm.presence', sender: userId, content: presenceContent(state, now) };
}
