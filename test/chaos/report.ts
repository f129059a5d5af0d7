/** Half, and all but one in a hundred, are at most this. */
export function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return sorted.length === 0 ? 'none' : `${at(0.5)} / ${at(0.99)} (of ${sorted.length})`;
}

export function table(rows: readonly (readonly [name: string, value: string | number])[]): string {
  return rows.map(([name, value]) => `${name.padEnd(44)} ${value}\n`).join('');
}
