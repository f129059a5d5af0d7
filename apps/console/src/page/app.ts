import type { Change, PresenceClient } from '#client/index';
import { Lists } from '../lists/lists.ts';
import { ListsView } from '../lists/lists-view.ts';
import { MeView } from '../me/me-view.ts';
import { PeopleView } from '../people/people-view.ts';
import { SystemView } from '../system/system-view.ts';
import { ConnectionState } from './connection-state.ts';
import { el } from './dom.ts';
import { Navigation } from './navigation.ts';
import { ignore } from './errors.ts';

/** The console of somebody who is signed in. */
export class App {
  readonly element: HTMLElement;
  private readonly connection = new ConnectionState();
  private readonly navigation: Navigation;
  private readonly who = el('bdi', { className: 'who' });

  constructor(
    private readonly client: PresenceClient,
    signOut: () => void,
  ) {
    const lists = new Lists(client);
    const views = [new PeopleView(client, lists), new MeView(client), new ListsView(lists), new SystemView()];
    this.navigation = new Navigation(views);
    const leave = el('button', { type: 'button', onclick: signOut }, 'Sign out');
    this.element = el(
      'div',
      { className: 'app' },
      el(
        'header',
        {},
        el('strong', { className: 'name' }, 'Presently'),
        this.connection.element,
        el('span', { className: 'account' }, this.who, leave),
        this.navigation.element,
      ),
      el('main', { id: 'main' }, ...views.map(({ element }) => element)),
    );
  }

  /** Watches until the client is closed. Throws when the server does not let the user in any more. */
  async run(): Promise<void> {
    const active = (): void => void this.client.active().catch(ignore);
    const stopping = new AbortController();
    for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, active, stopping);
    this.navigation.open();
    try {
      for await (const change of this.client.watch()) this.changed(change);
    } finally {
      stopping.abort();
      this.navigation.close();
    }
  }

  private changed(change: Change): void {
    this.connection.changed(change);
    if (change.type === 'connected') {
      this.client.userId().then((userId) => (this.who.textContent = userId), ignore);
    }
    for (const view of this.navigation.views) view.changed(change);
  }
}
