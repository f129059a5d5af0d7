import type { UserPresence } from '#client/index';
import { systemClock } from '#client/system-clock';
import { el } from '../page/dom.ts';
import { every } from '../page/every.ts';
import { Plot } from '../plot/plot.ts';
import { Samples } from '../plot/samples.ts';

const SAMPLE_EVERY_MS = 1_000;

/** How many were there, over the time that this page has watched. */
export class PresenceHistory {
  readonly element: HTMLElement;
  private readonly samples = new Samples(3);
  private readonly plot: Plot;
  private stop = (): void => undefined;

  constructor(private readonly roster: ReadonlyMap<string, UserPresence>) {
    this.plot = new Plot('How many are there, over the time watched', [
      { label: 'Online', colour: '--online' },
      { label: 'Active now', colour: '--active' },
      { label: 'Idle', colour: '--idle' },
    ]);
    this.element = el('section', { className: 'card' }, el('h2', {}, 'While you watched'), this.plot.element);
  }

  /** Begins to count: from now on the roster is whole. */
  begin(): void {
    this.stop();
    this.count();
    this.stop = every(SAMPLE_EVERY_MS, () => this.count());
  }

  show(isShown: boolean): void {
    this.plot.show(isShown);
  }

  close(): void {
    this.stop();
    this.plot.close();
  }

  private count(): void {
    let [online, active, idle] = [0, 0, 0];
    for (const { presence, currentlyActive } of this.roster.values()) {
      if (presence === 'online') online++;
      else if (presence === 'unavailable') idle++;
      if (currentlyActive) active++;
    }
    this.samples.add(systemClock.now(), [online, active, idle]);
    this.plot.draw(this.samples.columns);
  }
}
