import type { PresenceClient } from '#client/index';
import { RequestError } from '#client/index';
import { el } from '../page/dom.ts';
import { sentenceOf } from '../page/errors.ts';
import { definitionList } from './definition-list.ts';

/** Of an explanation, the sentences for people. */
interface Explanation {
  readonly rule: { readonly says: string };
  readonly next_deadline: { readonly at: number; readonly says: string } | null;
}

/** Why the user is shown as they are, as the server explains it. */
export class ExplainPanel {
  readonly element: HTMLElement;
  private readonly answer = el('div', { ariaLive: 'polite' });

  constructor(private readonly client: PresenceClient) {
    const ask = el('button', { type: 'button', onclick: () => void this.ask() }, 'Explain');
    this.element = el('section', { className: 'card' }, el('h2', {}, 'Why are you shown so?'), ask, this.answer);
  }

  private async ask(): Promise<void> {
    try {
      const path = `/v1/users/${encodeURIComponent(await this.client.userId())}/explain`;
      this.show(await this.client.request<Explanation>('GET', path));
    } catch (error) {
      const isUnknown = error instanceof RequestError && error.errcode === 'M_UNRECOGNIZED';
      const text = isUnknown ? 'This server does not explain.' : sentenceOf(error);
      this.answer.replaceChildren(el('p', { className: 'muted' }, text));
    }
  }
  private show(explanation: Explanation): void {
    const { rule, next_deadline: next } = explanation;
    const coming =
      next === null ? 'Nothing will change by itself.' : `At ${new Date(next.at).toLocaleTimeString()}: ${next.says}`;
    this.answer.replaceChildren(
      el('p', {}, rule.says),
      el('p', { className: 'muted' }, coming),
      el('details', {}, el('summary', {}, 'All of it'), definitionList(explanation)),
    );
  }
}
