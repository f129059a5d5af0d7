import type { Change, PresenceClient } from '#client/index';
import type { Lists } from '../lists/lists.ts';
import { el } from '../page/dom.ts';
import { every } from '../page/every.ts';
import type { View } from '../page/view.ts';
import { PeopleList } from './people-list.ts';
import { PresenceHistory } from './presence-history.ts';

const AGO_EVERY_MS = 5_000;

/** Everybody whom the user sees, as they change or were, and how many there were. */
export class PeopleView implements View {
  readonly name = 'People';
  readonly element: HTMLElement;
  private readonly search = el('input', { type: 'search', placeholder: 'Find a user ( / )', ariaLabel: 'Find a user' });
  private readonly whom = el(
    'select',
    { ariaLabel: 'Whom to show' },
    new Option('Everybody'),
    new Option('Whom I follow'),
  );
  private readonly list: PeopleList;
  private readonly history: PresenceHistory;
  private readonly stopAgo: () => void;
  private readonly closing = new AbortController();

  constructor(
    client: PresenceClient,
    private readonly lists: Lists,
  ) {
    this.history = new PresenceHistory(client.roster, () => this.timeMoved());
    this.list = new PeopleList(
      () => this.history.past ?? client.roster,
      (userId) => this.isWanted(userId),
    );
    this.element = el(
      'div',
      {},
      this.history.element,
      el('div', { className: 'tools' }, this.search, this.whom),
      this.list.element,
    );
    this.search.addEventListener('input', () => this.list.allChanged());
    this.whom.addEventListener('change', () => this.list.allChanged());
    lists.onChange(() => this.list.allChanged());
    document.addEventListener('keydown', (event) => this.key(event), this.closing);
    this.stopAgo = every(AGO_EVERY_MS, () => this.list.timePassed());
  }

  changed(change: Change): void {
    this.history.changed(change);
    if (this.history.past !== null) return; // that stays as it was
    if (change.type === 'presence') this.list.changed(change.user.userId);
    else if (change.type === 'forget') this.list.changed(change.userId);
    else if (change.type === 'reset') this.list.allChanged();
  }

  show(isShown: boolean): void {
    this.history.show(isShown);
  }

  close(): void {
    this.stopAgo();
    this.history.close();
    this.closing.abort();
  }

  private timeMoved(): void {
    this.list.element.classList.toggle('past', this.history.past !== null);
    this.list.allChanged();
  }

  private isWanted(userId: string): boolean {
    if (this.whom.selectedIndex === 1 && !this.lists.following.has(userId)) return false;
    return userId.toLowerCase().includes(this.search.value.trim().toLowerCase());
  }

  /** `/` leads to the search, as on many pages. */
  private key(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || isTyping || this.element.hidden) return;
    event.preventDefault();
    this.search.focus();
  }
}
