import type { BenchmarkResult } from '../benchmark.ts';

/** Several results as one. */
export function joinResults(results: readonly BenchmarkResult[]): BenchmarkResult {
  return {
    measurements: results.flatMap(({ measurements }) => measurements),
    goals: results.flatMap(({ goals }) => goals),
    series: results.flatMap(({ series = [] }) => series),
    notes: results.flatMap(({ notes = [] }) => notes),
  };
}

/** The one in the middle; of an even number, the lower of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** The median of shares, as text. */
export function percent(shares: readonly number[]): string {
  return `${(100 * median(shares)).toFixed(0)} %`;
}
