import { el } from './dom.ts';
import type { View } from './view.ts';

/** Shows one view at a time: the one that the address names after `#`. */
export class Navigation {
  readonly element = el('nav', { ariaLabel: 'Pages' });
  private readonly links: readonly HTMLAnchorElement[];
  private shown: View | null = null;
  private readonly closing = new AbortController();

  constructor(readonly views: readonly View[]) {
    this.links = views.map(({ name }) => el('a', { href: `#${name.toLowerCase()}` }, name));
    this.element.append(...this.links);
    for (const { element } of views) element.hidden = true;
  }

  open(): void {
    addEventListener('hashchange', () => this.update(), this.closing);
    this.update();
  }

  close(): void {
    this.closing.abort();
    for (const view of this.views) view.close();
  }

  private update(): void {
    const named = this.views.find(({ name }) => `#${name.toLowerCase()}` === location.hash) ?? this.views[0];
    if (named === undefined || named === this.shown) return;
    if (this.shown !== null) this.toggle(this.shown, false);
    this.shown = named;
    this.toggle(named, true);
  }

  private toggle(view: View, isShown: boolean): void {
    view.element.hidden = !isShown;
    const link = this.links[this.views.indexOf(view)];
    if (link !== undefined) link.ariaCurrent = isShown ? 'page' : null;
    view.show(isShown);
  }
}
