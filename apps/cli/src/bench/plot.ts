import type { Series } from './benchmark.ts';
import { figure } from './table.ts';

const WIDTH = 560;
const HEIGHT = 320;
const LEFT = 70;
const RIGHT = 20;
const TOP = 16;
const BOTTOM = 48;
const LEGEND_LINE = 18;
/** Told apart by whoever cannot see colours by their order: the legend is sorted like the ends of the lines. */
const COLOURS = ['#3b82f6', '#f97316', '#10b981', '#a855f7'];
const STYLE =
  'text{font:12px system-ui,sans-serif;fill:#555}.grid{stroke:#8884}path{fill:none;stroke-width:2}' +
  '@media(prefers-color-scheme:dark){text{fill:#bbb}}';

/** A plot of series with the same axes, both logarithmic, as SVG: where a line rises as the grid's diagonal, cost is proportional. */
export function plotOf(series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const x = axis(
    points.map(([value]) => value),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP + series.length * LEGEND_LINE,
  );
  const parts = [`<style>${STYLE}</style>`];
  for (const tick of x.ticks) {
    parts.push(
      line(x.at(tick), HEIGHT - BOTTOM, x.at(tick), y.end),
      text(x.at(tick), HEIGHT - 30, 'middle', figure(tick)),
    );
  }
  for (const tick of y.ticks) {
    parts.push(line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick)), text(LEFT - 8, y.at(tick) + 4, 'end', figure(tick)));
  }
  parts.push(text((LEFT + WIDTH) / 2, HEIGHT - 8, 'middle', series[0]?.x ?? ''));
  parts.push(text(8, TOP, 'start', series[0]?.y ?? ''));
  const byHeight = series.toSorted((a, b) => lastOf(b) - lastOf(a));
  byHeight.forEach((one, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = one.points
      .map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${round(x.at(px))} ${round(y.at(py))}`)
      .join('');
    parts.push(`<path d="${path}" stroke="${colour}"/>`);
    for (const [px, py] of one.points)
      parts.push(`<circle cx="${round(x.at(px))}" cy="${round(y.at(py))}" r="3" fill="${colour}"/>`);
    const at = TOP + index * LEGEND_LINE;
    parts.push(
      `<rect x="${LEFT + 110}" y="${at - 9}" width="10" height="10" fill="${colour}"/>`,
      text(LEFT + 126, at, 'start', one.title),
    );
  });
  const title = series.map((one) => one.title).join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">\n${parts.join('\n')}\n</svg>\n`;
}

interface Axis {
  readonly ticks: readonly number[];
  readonly end: number;
  at(value: number): number;
}

/** From the power of ten at or below the least value to the one at or above the largest. */
function axis(values: readonly number[], begin: number, end: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { ticks, end, at: (value) => begin + ((Math.log10(value) - low) / (high - low)) * (end - begin) };
}

const lastOf = ({ points }: Series): number => points.at(-1)?.[1] ?? 0;
const round = (value: number): number => Math.round(value * 10) / 10;
const escape = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
const text = (x: number, y: number, anchor: string, value: string): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escape(value)}</text>`;
