import { el, setText } from '../page/dom.ts';
import { agoText } from './ago.ts';
import type { Person } from './person.ts';

export const PRESENCE_WORDS = { online: 'Online', unavailable: 'Idle', offline: 'Offline' } as const;

/** One user in the list. Its element stays the same for as long as they are seen. */
export class PersonRow {
  readonly element: HTMLLIElement;
  /** What is shown changes as time passes. */
  tellsAgo = false;
  private readonly status = el('span', { className: 'status' });
  private readonly ago = el('span', { className: 'ago' });

  constructor(readonly userId: string) {
    const dot = el('span', { className: 'dot', ariaHidden: 'true' });
    this.element = el('li', {}, dot, el('bdi', { className: 'user' }, userId), this.status, this.ago);
    this.element.dataset.user = userId;
  }

  update(user: Person): void {
    const { currentlyActive, lastActiveAgo, statusMsg } = user;
    const kind = currentlyActive ? 'active' : user.presence;
    if (this.element.className !== kind) this.element.className = kind;
    setText(this.status, statusMsg ?? '');
    this.tellsAgo = !currentlyActive && lastActiveAgo !== null;
    setText(this.ago, currentlyActive ? 'active' : lastActiveAgo === null ? '' : agoText(lastActiveAgo));
  }
}
