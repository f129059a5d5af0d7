import type { Change } from '#client/index';
import { el } from '../page/dom.ts';
import { ignore, sentenceOf } from '../page/errors.ts';
import type { View } from '../page/view.ts';
import type { ListAction, Lists } from './lists.ts';

const ACTION_WORDS: Readonly<Record<ListAction, string>> = {
  invite: 'Ask',
  drop: 'Drop',
  accept: 'Accept',
  deny: 'Deny',
};

/** Presence lists: whom the user follows, who follows them, and what is not agreed yet. */
export class ListsView implements View {
  readonly name = 'Lists';
  readonly element: HTMLElement;
  private readonly said = el('p', { role: 'status', className: 'muted' });
  private readonly groups = el('div', { className: 'groups' });
  private readonly asked = el('input', { id: 'asked', required: true, placeholder: '@bob:example', spellcheck: false });

  constructor(private readonly lists: Lists) {
    const form = el(
      'form',
      { className: 'card tools' },
      el('label', { htmlFor: 'asked' }, 'Ask to follow'),
      this.asked,
      el('button', { type: 'submit', className: 'primary' }, 'Ask'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.change('invite', this.asked.value.trim());
    });
    this.element = el('div', {}, form, this.said, this.groups);
    lists.onChange(() => this.draw());
  }

  changed({ type }: Change): void {
    const isOfLists = type === 'invite' || type === 'accept' || type === 'deny';
    if (type === 'connected' || isOfLists) this.lists.load().catch(ignore); // again when it is connected, or shown
  }

  show(isShown: boolean): void {
    if (isShown) this.lists.load().catch((error: unknown) => (this.said.textContent = sentenceOf(error)));
  }

  close(): void {}

  private change(action: ListAction, userId: string): void {
    this.said.textContent = '';
    this.lists.change(action, userId).then(
      () => (this.asked.value = ''),
      (error: unknown) => (this.said.textContent = sentenceOf(error)),
    );
  }

  private draw(): void {
    const { incoming, outgoing, followers } = this.lists.pending;
    const ids = (users: readonly { readonly user_id: string }[]): string[] => users.map(({ user_id }) => user_id);
    this.groups.replaceChildren(
      this.group('They ask to follow you', ids(incoming), ['accept', 'deny']),
      this.group('You follow', [...this.lists.following], ['drop']),
      this.group('You have asked', ids(outgoing), ['drop']),
      this.group('They follow you', ids(followers), ['deny']),
    );
  }

  private group(title: string, users: readonly string[], actions: readonly ListAction[]): HTMLElement {
    const rows = users.map((userId) => {
      const buttons = actions.map((action) => {
        const onclick = (): void => this.change(action, userId);
        return el(
          'button',
          { type: 'button', onclick, ariaLabel: `${ACTION_WORDS[action]} ${userId}` },
          ACTION_WORDS[action],
        );
      });
      return el('li', {}, el('bdi', {}, userId), ...buttons);
    });
    const body = rows.length === 0 ? el('p', { className: 'muted' }, 'Nobody.') : el('ul', {}, ...rows);
    return el('section', { className: 'card' }, el('h2', {}, title), body);
  }
}
