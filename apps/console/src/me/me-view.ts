import type { Change, PresenceClient } from '#client/index';
import { el, setText } from '../page/dom.ts';
import { every } from '../page/every.ts';
import { ignore } from '../page/errors.ts';
import type { View } from '../page/view.ts';
import { agoText } from '../people/ago.ts';
import { PRESENCE_WORDS } from '../people/person-row.ts';
import { ExplainPanel } from './explain-panel.ts';
import { StatusForm } from './status-form.ts';

const AGO_EVERY_MS = 1_000;

/** How others see the user, what they set by hand, and why they are shown so. */
export class MeView implements View {
  readonly name = 'Me';
  readonly element: HTMLElement;
  private readonly presence = el('p', { className: 'mine', role: 'status' });
  private readonly seen = el('p', { className: 'muted' });
  private readonly explain: ExplainPanel;
  private userId: string | null = null;
  private stop = (): void => undefined;

  constructor(private readonly client: PresenceClient) {
    this.explain = new ExplainPanel(client);
    const card = el('section', { className: 'card' }, el('h2', {}, 'You are shown as'), this.presence, this.seen);
    this.element = el('div', { className: 'groups' }, card, new StatusForm(client).element, this.explain.element);
  }

  changed(change: Change): void {
    if (change.type === 'connected') {
      this.client.userId().then((userId) => {
        this.userId = userId;
        this.draw();
      }, ignore);
    }
    if (change.type === 'presence' && change.user.userId === this.userId) this.draw();
  }

  show(isShown: boolean): void {
    this.stop();
    this.draw();
    if (isShown) this.stop = every(AGO_EVERY_MS, () => this.draw());
  }

  close(): void {
    this.stop();
  }

  private draw(): void {
    const me = this.userId === null ? undefined : this.client.roster.get(this.userId);
    const presence = me?.presence ?? 'offline';
    const kind = me?.currentlyActive === true ? 'active' : presence;
    if (this.presence.className !== `mine ${kind}`) this.presence.className = `mine ${kind}`;
    const status = me?.statusMsg == null ? '' : `: ${me.statusMsg}`;
    setText(this.presence, `${PRESENCE_WORDS[presence]}${me?.currentlyActive === true ? ', active now' : ''}${status}`);
    const ago = me?.lastActiveAgo ?? null;
    setText(this.seen, ago === null ? 'When you were last active is not known.' : `Last active ${agoText(ago)}.`);
  }
}
