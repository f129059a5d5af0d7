import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { el, setText } from '../page/dom.ts';

const HEIGHT_PX = 150;
/** Between two marks of the time axis, seconds. */
const MARKS_S = [1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400];

export interface Line {
  readonly label: string;
  /** A custom property of the style sheet. */
  readonly colour: string;
}

/** Lines over time. It is drawn only while it is in sight, and follows the width of the page and its colours. */
export class Plot {
  readonly element: HTMLElement;
  private readonly uplot: uPlot;
  /** The latest value of each line. */
  private readonly latest: readonly HTMLElement[];
  private columns: number[][];
  private isShown = false;
  private readonly resizing: ResizeObserver;
  private readonly closing = new AbortController();

  constructor(label: string, lines: readonly Line[]) {
    const canvas = el('div', { className: 'plot', role: 'img', ariaLabel: label });
    this.latest = lines.map(() => el('b', {}, '–'));
    const keys = lines.map((line, index) => {
      const mark = el('span', { className: 'dot' });
      mark.style.background = `var(${line.colour})`;
      return el('span', {}, mark, line.label, ' ', this.latest[index] ?? '');
    });
    this.element = el('div', {}, canvas, el('div', { className: 'keys' }, ...keys));
    this.columns = Array.from({ length: lines.length + 1 }, () => []);
    const axis: uPlot.Axis = { stroke: () => colour('--muted'), grid: { stroke: () => colour('--line'), width: 1 } };
    const time: uPlot.Axis = { ...axis, incrs: MARKS_S, space: 110, values: (_plot, marks) => marks.map(timeText) };
    this.uplot = new uPlot(
      {
        width: 600,
        height: HEIGHT_PX,
        series: [
          {},
          ...lines.map((line) => ({ stroke: () => colour(line.colour), width: 2, points: { show: false } })),
        ],
        axes: [time, { ...axis, size: 40 }],
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 1)] } },
        legend: { show: false },
        cursor: { show: false },
      },
      this.columns as uPlot.AlignedData,
      canvas,
    );
    this.resizing = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0 && width !== this.uplot.width) this.uplot.setSize({ width, height: HEIGHT_PX });
    });
    this.resizing.observe(canvas);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', () => this.uplot.redraw(), this.closing);
  }

  draw(columns: number[][]): void {
    this.columns = columns;
    if (!this.isShown) return;
    this.uplot.setData(columns as uPlot.AlignedData);
    this.latest.forEach((element, index) => setText(element, valueText(columns[index + 1]?.at(-1))));
  }

  show(isShown: boolean): void {
    this.isShown = isShown;
    if (isShown) this.draw(this.columns);
  }

  close(): void {
    this.closing.abort();
    this.resizing.disconnect();
    this.uplot.destroy();
  }
}

const timeText = (seconds: number): string => new Date(seconds * 1_000).toLocaleTimeString();

function valueText(value: number | undefined): string {
  if (value === undefined) return '–';
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

const colour = (property: string): string => getComputedStyle(document.documentElement).getPropertyValue(property);
