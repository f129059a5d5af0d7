import type { Presence, PresenceClient } from '#client/index';
import { el } from '../page/dom.ts';
import { sentenceOf } from '../page/errors.ts';

const CHOICES: readonly (readonly [presence: Presence, says: string])[] = [
  ['online', 'Online'],
  ['unavailable', 'Away, until you do something'],
  ['offline', 'Hidden: offline, whatever you do'],
];

/** What the user sets by hand. */
export class StatusForm {
  readonly element: HTMLElement;
  private readonly said = el('p', { role: 'status', className: 'muted' });

  constructor(private readonly client: PresenceClient) {
    const message = el('input', { id: 'message', name: 'message', maxLength: 1_024, placeholder: 'In the garden' });
    const choices = CHOICES.map(([presence, says], index) => {
      const radio = el('input', { type: 'radio', name: 'presence', value: presence, defaultChecked: index === 0 });
      return el('label', { className: 'choice' }, radio, says);
    });
    const form = el(
      'form',
      { className: 'card' },
      el('fieldset', {}, el('legend', {}, 'Set your presence'), ...choices),
      el('label', { htmlFor: 'message' }, 'Status message'),
      message,
      el('button', { type: 'submit', className: 'primary' }, 'Set'),
      this.said,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const presence = new FormData(form).get('presence') as Presence;
      this.set(presence, message.value.trim());
    });
    this.element = form;
  }

  private set(presence: Presence, message: string): void {
    this.said.textContent = '';
    this.client.setPresence(presence, message).then(
      () => (this.said.textContent = 'Set.'),
      (error: unknown) => (this.said.textContent = sentenceOf(error)),
    );
  }
}
