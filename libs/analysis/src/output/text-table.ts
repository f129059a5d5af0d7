import type { Column, Row, Table, Value } from '../table.ts';

/** How many rows decide how wide the columns are; wider cells further down stand out. */
const MEASURED_ROWS = 1_000;
const GAP = '  ';

/** A table for people: columns below their names, times in ISO 8601, numbers to the right. Yields whole lines. */
export async function* textTable({ columns, rows }: Table): AsyncIterable<string> {
  const measured: string[][] = [];
  let widths: number[] | null = null;
  for await (const batch of rows) {
    const cells = batch.map((row) => cellsOf(columns, row));
    if (widths !== null) {
      yield linesOf(columns, widths, cells);
      continue;
    }
    measured.push(...cells);
    if (measured.length < MEASURED_ROWS) continue;
    widths = widthsOf(columns, measured);
    yield linesOf(columns, widths, [headOf(columns), ...measured]);
  }
  if (widths === null) yield linesOf(columns, widthsOf(columns, measured), [headOf(columns), ...measured]);
}

const headOf = (columns: readonly Column[]): string[] => columns.map(({ name }) => name);

const cellsOf = (columns: readonly Column[], row: Row): string[] =>
  columns.map(({ type }, index) => cellOf(type, row[index] ?? null));

/** Whatever could move a terminal's cursor, or hide something, is shown as U+FFFD. */
function cellOf(type: Column['type'], value: Value): string {
  if (value === null) return '';
  if (type === 'time') return isoTime(Number(value));
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

/** ISO 8601, without the milliseconds where they are 0. A time that no date has is left a number. */
export function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().replace('.000Z', 'Z');
}

const graphemes = new Intl.Segmenter();

function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return [...graphemes.segment(text)].length;
}

function widthsOf(columns: readonly Column[], rows: readonly string[][]): number[] {
  const widths = columns.map(({ name }) => widthOf(name));
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))));
  return widths;
}

function linesOf(columns: readonly Column[], widths: readonly number[], rows: readonly string[][]): string {
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => {
        const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell)));
        const type = columns[index]?.type;
        return type === 'integer' || type === 'real' ? space + cell : cell + space;
      })
      .join(GAP)
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}
