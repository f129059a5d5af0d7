import type { Change, UserPresence } from '#client/index';
import { systemClock } from '#client/system-clock';
import { el } from '../page/dom.ts';
import { every } from '../page/every.ts';
import { Plot } from '../plot/plot.ts';
import { Samples } from '../plot/samples.ts';
import type { Person } from './person.ts';
import { Received } from './received.ts';
import { TimeTravel } from './time-travel.ts';

const SAMPLE_EVERY_MS = 1_000;

/** How many were there, and who, over the time that this page has watched. */
export class PresenceHistory {
  readonly element: HTMLElement;
  private readonly samples = new Samples(3);
  private readonly plot: Plot;
  private readonly received = new Received();
  private readonly travel: TimeTravel;
  private stop = (): void => undefined;

  constructor(
    private readonly roster: ReadonlyMap<string, UserPresence>,
    /** Others are to be shown: those of another time. */
    moved: () => void,
  ) {
    this.travel = new TimeTravel(this.received, moved);
    this.plot = new Plot('How many are there, over the time watched', [
      { label: 'Online', colour: '--online' },
      { label: 'Active now', colour: '--active' },
      { label: 'Idle', colour: '--idle' },
    ]);
    this.element = el(
      'section',
      { className: 'card' },
      el('h2', {}, 'While you watched'),
      this.plot.element,
      this.travel.element,
    );
  }

  /** Who was seen at the time that is looked at; null: that is now, and the roster has them. */
  get past(): ReadonlyMap<string, Person> | null {
    return this.travel.past;
  }

  changed(change: Change): void {
    this.received.take(change, systemClock.now());
    if (change.type === 'ready') this.begin();
  }

  show(isShown: boolean): void {
    this.plot.show(isShown);
  }

  close(): void {
    this.stop();
    this.plot.close();
  }

  /** Begins to count: from now on the roster is whole. */
  private begin(): void {
    if (this.received.since === null) this.received.begin(this.roster, systemClock.now());
    this.stop();
    this.count();
    this.stop = every(SAMPLE_EVERY_MS, () => this.count());
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
    this.travel.update();
  }
}
