import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '#runtime/process';
import type { Series } from './benchmark.ts';
import { median } from './measure.ts';
import { plotOf } from './plot.ts';
import type { StoredResult } from './results.ts';
import { figure } from './table.ts';

const DOCUMENT = 'docs/PERFORMANCE.md';
const PLOTS = 'docs/plots';

/** Draws the plots, and puts the tables into the document: between `<!-- bench: NAME -->` and `<!-- /bench -->`. */
export function writeReport(results: readonly StoredResult[]): void {
  if (!existsSync(DOCUMENT)) throw new CommandError(`There is no ${DOCUMENT} here: run this in the repository.`);
  mkdirSync(PLOTS, { recursive: true });
  let document = readFileSync(DOCUMENT, 'utf8');
  for (const result of results) {
    const plots = plotsOf(result);
    for (const { file, svg } of plots) writeFileSync(join(PLOTS, file), svg);
    const section = new RegExp(`(<!-- bench: ${result.name} -->\n)[^]*?(<!-- /bench -->)`);
    const text = sectionOf(
      result,
      plots.map(({ file }) => file),
    );
    document = document.replace(section, (_, begin: string, end: string) => `${begin}${text}${end}`);
  }
  writeFileSync(DOCUMENT, document);
}

/** Series with the same axes are in one plot. */
function plotsOf({ name, series = [] }: StoredResult): { file: string; svg: string }[] {
  const byAxes = new Map<string, Series[]>();
  for (const one of series) {
    const axes = `${one.x}|${one.y}`;
    byAxes.set(axes, [...(byAxes.get(axes) ?? []), one]);
  }
  return [...byAxes.values()].map((group, index) => ({
    file: `${name}${index === 0 ? '' : `-${index + 1}`}.svg`,
    svg: plotOf(group),
  }));
}

function sectionOf({ measurements, goals, notes = [], ...from }: StoredResult, plots: readonly string[]): string {
  const lines = ['| measured | min | median | max | |', '|---|---|---|---|---|'];
  for (const { what, unit, values } of measurements) {
    const [min, middle, max] = [Math.min(...values), median(values), Math.max(...values)].map(figure);
    lines.push(`| ${what} | ${min} | ${middle} | ${max} | ${unit} |`);
  }
  lines.push('', '| goal | reached | |', '|---|---|---|');
  for (const { text, value, isReached } of goals)
    lines.push(`| ${text} | ${figure(value)} | ${isReached ? 'yes' : '**no**'} |`);
  lines.push('');
  for (const file of plots) lines.push(`![${from.name}: how the cost grows](plots/${file})`, '');
  const day = from.date.slice(0, 10);
  lines.push(
    `\`npx presently bench ${from.name} --runs ${from.runs}\`, ${day}, ${from.machine}, Node ${from.node.slice(1)}, load average before: ${figure(from.loadBefore)}.`,
  );
  lines.push(...notes);
  return `${lines.join('\n')}\n`;
}
