import type { Measurement } from './benchmark.ts';
import { median } from './measure.ts';
import type { StoredResult } from './results.ts';

/** What is printed of a result. */
export function tableOf({ name, measurements, goals, notes, loadBefore }: StoredResult): string {
  const head = [name, 'min', 'median', 'max', ''];
  const rows = [head, ...measurements.map(rowOf)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at >= 1 && at <= 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  '),
  );
  for (const { text, value, isReached } of goals) {
    lines.push(`goal: ${text}: ${figure(value)}, ${isReached ? 'reached' : 'missed'}`);
  }
  lines.push(...(notes ?? []), `Load average before: ${figure(loadBefore)}.`);
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n\n`;
}

function rowOf({ what, unit, values }: Measurement): string[] {
  return [what, figure(Math.min(...values)), figure(median(values)), figure(Math.max(...values)), unit];
}

/** Three digits, and thousands apart: 1,230,000, 12.3, 0.00123. */
export function figure(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
