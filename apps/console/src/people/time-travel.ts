import { systemClock } from '#client/system-clock';
import { el, oncePerFrame, setText } from '../page/dom.ts';
import type { Person } from './person.ts';
import type { Received } from './received.ts';

const SECOND_MS = 1_000;

/** A slider from when this page began to watch until now, in seconds. */
export class TimeTravel {
  readonly element: HTMLElement;
  /** Who was seen at the time that is looked at; null: that is now. */
  past: ReadonlyMap<string, Person> | null = null;
  private readonly slider = el('input', { type: 'range', id: 'travel', min: '0', max: '0', step: '1' });
  private readonly time = el('b');
  private readonly note: HTMLElement;
  private begunAt = 0;
  private shownAt = 0;

  constructor(
    private readonly received: Received,
    /** The time that is looked at is another one. */
    private readonly moved: () => void,
  ) {
    const back = el('button', { type: 'button', onclick: () => this.backToNow() }, 'Back to now');
    const says = el('p', { role: 'status' }, 'This is the past: people as you saw them at ', this.time, '.');
    this.note = el('div', { className: 'past-note', hidden: true }, says, back);
    this.element = el('div', {}, el('label', { htmlFor: 'travel' }, 'Time travel'), this.slider, this.note);
    this.slider.addEventListener(
      'input',
      oncePerFrame(() => this.go()),
    );
  }

  /** Time has passed, and with it how far one can go back. */
  update(): void {
    const { since } = this.received;
    if (since === null) return;
    if (this.begunAt === 0) this.begunAt = since;
    this.slider.max = String(Math.ceil((systemClock.now() - this.begunAt) / SECOND_MS));
    this.slider.min = String(Math.ceil((since - this.begunAt) / SECOND_MS));
    if (this.past === null) this.toEnd();
    else if (this.lookedAt !== this.shownAt) this.go(); // what was shown can no longer be gone back to
  }

  private get lookedAt(): number {
    return this.begunAt + Number(this.slider.value) * SECOND_MS;
  }

  private go(): void {
    if (this.slider.value === this.slider.max) return this.backToNow();
    this.shownAt = this.lookedAt;
    this.past = this.received.at(this.shownAt, systemClock.now());
    const time = new Date(this.shownAt).toLocaleTimeString();
    setText(this.time, time);
    this.slider.setAttribute('aria-valuetext', time);
    this.note.hidden = false;
    this.moved();
  }

  private backToNow(): void {
    this.past = null;
    this.toEnd();
    if (this.note.contains(document.activeElement)) this.slider.focus(); // the button goes
    this.note.hidden = true;
    this.moved();
  }

  private toEnd(): void {
    this.slider.value = this.slider.max;
    this.slider.setAttribute('aria-valuetext', 'now');
  }
}
