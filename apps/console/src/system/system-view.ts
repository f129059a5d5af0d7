import { systemClock } from '#client/system-clock';
import { el } from '../page/dom.ts';
import { every } from '../page/every.ts';
import { sentenceOf } from '../page/errors.ts';
import { serverUrl } from '../page/server.ts';
import type { View } from '../page/view.ts';
import { Plot } from '../plot/plot.ts';
import { Samples } from '../plot/samples.ts';
import { figuresOf, RATES } from './figures.ts';
import { lagTable } from './lag-table.ts';
import { Metrics } from './metrics.ts';

const READ_EVERY_MS = 2_000;
const COLOURS = ['--active', '--online', '--idle', '--muted'] as const;

/** What the process that gave out this page tells of itself in `/metrics`, where that can be reached. */
export class SystemView implements View {
  readonly name = 'System';
  readonly element: HTMLElement;
  private readonly said = el('p', { role: 'status', className: 'muted' });
  private readonly figures = el('dl', { className: 'figures' });
  private readonly lags = el('section', { className: 'card' });
  private readonly samples = new Samples(RATES.length);
  private readonly plot = new Plot(
    'How many of each there were in a second',
    RATES.map(([label], index) => ({ label, colour: COLOURS[index] ?? '--muted' })),
  );
  private before: Metrics | null = null;
  private stop = (): void => undefined;

  constructor() {
    const throughput = el('section', { className: 'card' }, el('h2', {}, 'In a second'), this.plot.element);
    this.element = el('div', {}, this.said, this.figures, throughput, this.lags);
  }

  changed(): void {}

  show(isShown: boolean): void {
    this.stop();
    this.before = null;
    this.plot.show(isShown);
    if (!isShown) return;
    void this.read();
    this.stop = every(READ_EVERY_MS, () => void this.read());
  }

  close(): void {
    this.stop();
    this.plot.close();
  }

  private async read(): Promise<void> {
    try {
      const response = await fetch(new URL('metrics', serverUrl()));
      if (!response.ok) throw new Error(`The metrics cannot be read here (${response.status}).`);
      this.draw(new Metrics(await response.text(), systemClock.now()));
      this.said.textContent = '';
    } catch (error) {
      this.said.textContent = sentenceOf(error);
    }
  }

  private draw(metrics: Metrics): void {
    const { before } = this;
    this.before = metrics;
    const figures = figuresOf(metrics, before).map(({ label, text, isBad }) =>
      el('div', { className: isBad ? 'bad' : '' }, el('dt', {}, label), el('dd', {}, text)),
    );
    this.figures.replaceChildren(...figures);
    this.lags.replaceChildren(lagTable(metrics));
    if (before === null) return;
    this.samples.add(
      metrics.at,
      RATES.map(([, name]) => metrics.rate(name, before) ?? 0),
    );
    this.plot.draw(this.samples.columns);
  }
}
