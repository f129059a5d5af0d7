import type { Change, PresenceClient } from '#client/index';
import { el, setText } from '../page/dom.ts';
import { every } from '../page/every.ts';
import { ignore } from '../page/errors.ts';
import type { View } from '../page/view.ts';
import { agoText } from '../people/ago.ts';
import { ExplainPanel } from './explain-panel.ts';
import { shownAs } from './shown-as.ts';
import { StatusForm } from './status-form.ts';
import { Timeline } from './timeline.ts';

const AGO_EVERY_MS = 1_000;

/** How others see the user and have seen them, what they set by hand, and why they are shown so. */
export class MeView implements View {
  readonly name = 'Me';
  readonly element: HTMLElement;
  private readonly presence = el('p', { className: 'mine', role: 'status' });
  private readonly seen = el('p', { className: 'muted' });
  private readonly timeline: Timeline;
  private userId: string | null = null;
  private stop = (): void => undefined;

  constructor(private readonly client: PresenceClient) {
    this.timeline = new Timeline(client);
    const card = el('section', { className: 'card' }, el('h2', {}, 'You are shown as'), this.presence, this.seen);
    const [form, explain] = [new StatusForm(client), new ExplainPanel(client)];
    this.element = el('div', { className: 'groups' }, card, form.element, explain.element, this.timeline.element);
  }

  changed(change: Change): void {
    if (change.type === 'connected') {
      this.client.userId().then((userId) => {
        this.userId = userId;
        this.draw();
      }, ignore);
    }
    if (change.type === 'presence' && change.user.userId === this.userId) {
      this.draw();
      this.timeline.changed();
    }
  }

  show(isShown: boolean): void {
    this.stop();
    this.draw();
    this.timeline.show(isShown);
    if (isShown) this.stop = every(AGO_EVERY_MS, () => this.draw());
  }

  close(): void {
    this.stop();
    this.timeline.close();
  }

  private draw(): void {
    const me = this.userId === null ? undefined : this.client.roster.get(this.userId);
    const presence = me?.presence ?? 'offline';
    const kind = me?.currentlyActive === true ? 'active' : presence;
    if (this.presence.className !== `mine ${kind}`) this.presence.className = `mine ${kind}`;
    setText(this.presence, shownAs(presence, me?.currentlyActive ?? false, me?.statusMsg ?? null));
    const ago = me?.lastActiveAgo ?? null;
    setText(this.seen, ago === null ? 'When you were last active is not known.' : `Last active ${agoText(ago)}.`);
  }
}
