import type { PublicFields } from '../oracle/naive-fold.ts';

/** What a client shows: without the last active time, which moves silently. */
export const shownText = (state: Omit<PublicFields, 'last_active_ts'>): string =>
  JSON.stringify([state.presence, state.status_msg, state.currently_active]);

export const publicText = (state: PublicFields | undefined): string =>
  state === undefined ? 'nothing' : `${shownText(state)} ${state.last_active_ts}`;

/** Of whoever was never heard of. */
export const UNHEARD = '["offline",null,false]';
