import type { Presence } from '#client/index';
import { el, oncePerFrame } from '../page/dom.ts';
import type { Person } from './person.ts';
import { PersonRow, PRESENCE_WORDS } from './person-row.ts';
import { Section } from './section.ts';

/** So many users are drawn in a frame; the others have to wait for the next, so that none takes long. */
const ROWS_PER_FRAME_MAX = 50;

/** Shows a roster. However often users change, each is drawn once a frame. */
export class PeopleList {
  readonly element = el('div');
  private readonly sections: Readonly<Record<Presence, Section>> = {
    online: new Section(PRESENCE_WORDS.online),
    unavailable: new Section(PRESENCE_WORDS.unavailable),
    offline: new Section(PRESENCE_WORDS.offline),
  };
  private readonly rows = new Map<string, { readonly row: PersonRow; section: Section }>();
  private readonly waiting = new Set<string>();
  private readonly ask = oncePerFrame(() => this.draw());

  constructor(
    /** Those who are to be shown, now or as they were. */
    private readonly roster: () => ReadonlyMap<string, Person>,
    /** Whether the user's filter lets them through. */
    private readonly isWanted: (userId: string) => boolean,
  ) {
    this.element.append(...Object.values(this.sections).map(({ element }) => element));
  }

  /** Has the user drawn as they are in the roster, or removed if they are not. */
  changed(userId: string): void {
    this.waiting.add(userId);
    this.ask();
  }

  /** Has those drawn anew of whom it is told how long ago they were active. */
  timePassed(): void {
    for (const [userId, { row }] of this.rows) if (row.tellsAgo) this.waiting.add(userId);
    this.ask();
  }

  /** Has everybody drawn anew. */
  allChanged(): void {
    for (const userId of this.rows.keys()) this.waiting.add(userId);
    for (const userId of this.roster().keys()) this.waiting.add(userId);
    this.ask();
  }

  private draw(): void {
    let left = ROWS_PER_FRAME_MAX;
    for (const userId of this.waiting) {
      if (left-- === 0) break;
      this.waiting.delete(userId);
      this.drawUser(userId);
    }
    for (const section of Object.values(this.sections)) section.draw();
    if (this.waiting.size > 0) this.ask();
  }

  private drawUser(userId: string): void {
    const user = this.isWanted(userId) ? this.roster().get(userId) : undefined;
    const shown = this.rows.get(userId);
    if (user === undefined) {
      shown?.section.remove(shown.row);
      shown?.row.element.remove();
      this.rows.delete(userId);
      return;
    }
    const section = this.sections[user.presence];
    const row = shown?.row ?? new PersonRow(userId);
    row.update(user);
    if (shown?.section === section) return;
    shown?.section.remove(row);
    section.add(row);
    this.rows.set(userId, { row, section });
  }
}
