import type { PresenceClient } from '#client/index';
import { RequestError } from '#client/index';
import { systemClock } from '#client/system-clock';
import { el, setText } from '../page/dom.ts';
import { sentenceOf } from '../page/errors.ts';
import type { History } from './history.ts';
import { entryAt, entryKind, entryText, startOf } from './history.ts';

const SPAN_MS = 86_400_000;
/** Changes come in bursts, and each answer makes the server read its log. */
const LOAD_AFTER_MS = 1_000;
/** The others are in the slider. */
const LISTED_MAX = 50;

/** What the user was shown as over the last day, and why: as a band, as a list, and at the time that a slider says. */
export class Timeline {
  readonly element: HTMLElement;
  private readonly band = el('div', { className: 'band', ariaHidden: 'true' });
  private readonly slider = el('input', { type: 'range', id: 'at', step: '1' });
  private readonly shown = el('p');
  private readonly why = el('p', { className: 'muted' });
  private readonly list = el('ol', { className: 'changes', tabIndex: 0, ariaLabel: 'Changes, the newest first' });
  private readonly said = el('p', { role: 'status', className: 'muted' });
  private readonly body: HTMLElement;
  private history: History = { before: null, entries: [], truncated: false };
  private isShown = false;
  private cancel = (): void => undefined;

  constructor(private readonly client: PresenceClient) {
    this.body = el(
      'div',
      { hidden: true },
      this.band,
      el('label', { htmlFor: 'at' }, 'How you were shown at (arrow keys go from change to change)'),
      this.slider,
      this.shown,
      this.why,
      this.list,
    );
    this.element = el('section', { className: 'card wide' }, el('h2', {}, 'Your last day'), this.said, this.body);
    this.slider.addEventListener('input', () => this.drawTime());
    this.slider.addEventListener('keydown', (event) => this.key(event));
  }

  show(isShown: boolean): void {
    this.isShown = isShown;
    this.cancel();
    if (isShown) void this.load();
  }

  /** The user is shown otherwise than before. */
  changed(): void {
    if (!this.isShown) return;
    this.cancel();
    this.cancel = systemClock.after(LOAD_AFTER_MS, () => void this.load());
  }

  close(): void {
    this.show(false);
  }

  private async load(): Promise<void> {
    const to = systemClock.now();
    const from = to - SPAN_MS;
    try {
      const path = `/v1/users/${encodeURIComponent(await this.client.userId())}/history?from=${from}`;
      this.history = await this.client.request<History>('GET', path);
      this.draw(startOf(this.history, from), to);
      this.say(this.history.truncated ? 'There were more changes than the server tells: the first are missing.' : '');
    } catch (error) {
      const isUnknown = error instanceof RequestError && error.errcode === 'M_UNRECOGNIZED';
      this.say(isUnknown ? 'This server tells no history.' : sentenceOf(error));
    }
  }

  private say(text: string): void {
    setText(this.said, text);
  }

  private draw(from: number, to: number): void {
    const { entries } = this.history;
    const isAtEnd = this.slider.value === this.slider.max;
    this.slider.min = String(from);
    // The server's clock may be ahead.
    this.slider.max = String(Math.max(to, entries.at(-1)?.ts ?? 0));
    if (this.body.hidden || isAtEnd) this.slider.value = this.slider.max;
    this.body.hidden = false;
    const starts = [from, ...entries.map(({ ts }) => ts)];
    const pieces = starts.map((start, index) => {
      const piece = el('div', { className: entryKind(entryAt(this.history, start)) });
      piece.style.flexGrow = String(Math.max(0, (starts[index + 1] ?? to) - start));
      return piece;
    });
    this.band.replaceChildren(...pieces);
    const rows = entries.slice(-LISTED_MAX).map((entry) => {
      const time = el('time', { dateTime: new Date(entry.ts).toISOString() }, timeText(entry.ts));
      return el('li', {}, time, el('span', {}, entryText(entry)), el('span', { className: 'muted' }, entry.why));
    });
    this.list.replaceChildren(...rows.toReversed());
    this.drawTime();
  }

  private drawTime(): void {
    const time = Number(this.slider.value);
    const entry = entryAt(this.history, time);
    setText(this.shown, `${timeText(time)}: ${entryText(entry)}`);
    setText(
      this.why,
      entry === null ? 'Because nothing had been heard of you.' : `Since ${timeText(entry.ts)}: ${entry.why}.`,
    );
    this.slider.setAttribute('aria-valuetext', `${this.shown.textContent}. ${this.why.textContent}`);
  }

  /** A day in milliseconds is too much for arrow keys: they go to the change before, and the next one. */
  private key(event: KeyboardEvent): void {
    const isBack = event.key === 'ArrowLeft' || event.key === 'ArrowDown';
    if (!isBack && event.key !== 'ArrowRight' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const [time, end] = [Number(this.slider.value), Number(this.slider.max)];
    const times = this.history.entries.map(({ ts }) => ts);
    const to = isBack
      ? (times.findLast((ts) => ts < time) ?? Number(this.slider.min))
      : (times.find((ts) => ts > time) ?? end);
    this.slider.value = String(to);
    this.drawTime();
  }
}

const timeText = (time: number): string =>
  new Date(time).toLocaleString([], { weekday: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
