import { el, setText } from '../page/dom.ts';
import type { PersonRow } from './person-row.ts';

/** The users of one presence, in order of user id. */
export class Section {
  readonly element: HTMLElement;
  private readonly count = el('span', { className: 'count' });
  private readonly list = el('ul');
  private readonly rows: PersonRow[] = [];

  constructor(title: string) {
    this.element = el(
      'section',
      { className: 'people', hidden: true },
      el('h2', {}, title, ' ', this.count),
      this.list,
    );
  }

  get size(): number {
    return this.rows.length;
  }

  add(row: PersonRow): void {
    const at = this.placeOf(row.userId);
    this.list.insertBefore(row.element, this.rows[at]?.element ?? null);
    this.rows.splice(at, 0, row);
  }

  /** The element stays where it is: another section takes it, or the caller removes it. */
  remove(row: PersonRow): void {
    this.rows.splice(this.placeOf(row.userId), 1);
  }

  draw(): void {
    if (this.element.hidden !== (this.size === 0)) this.element.hidden = this.size === 0;
    setText(this.count, String(this.size));
  }

  /** Where a user is, or would be. */
  private placeOf(userId: string): number {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.rows[middle];
      if (other !== undefined && other.userId < userId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
