import type { Presence } from '#client/index';
import { PRESENCE_WORDS } from '../people/person-row.ts';

/** `Online, active: in the garden`. */
export function shownAs(presence: Presence, isActive: boolean, statusMsg: string | null): string {
  return `${PRESENCE_WORDS[presence]}${isActive ? ', active' : ''}${statusMsg === null ? '' : `: ${statusMsg}`}`;
}
