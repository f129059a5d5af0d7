import { systemClock } from '#runtime/clock/system-clock';
import type { Goal, Measurement } from './benchmark.ts';

/** Milliseconds that `run` takes. */
export async function timeMs(run: () => unknown): Promise<number> {
  const startedAt = systemClock.elapsed();
  await run();
  return systemClock.elapsed() - startedAt;
}

/** Bytes of the heap that are in use, without what is garbage. Needs `--expose-gc`. */
export function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('The process was not started with --expose-gc.');
  globalThis.gc();
  globalThis.gc(); // what the first has only unreferenced
  return process.memoryUsage().heapUsed;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Median of how many times as large the first is as the second, run by run. */
export function ratio(these: Measurement, those: Measurement): number {
  return median(these.values.map((value, run) => value / (those.values[run] ?? NaN)));
}

/** Several quantities, measured in the same runs: a run of each after the other, so that all meet the same machine. */
export class Measured {
  private readonly all = new Map<string, Measurement & { readonly values: number[] }>();

  add(what: string, unit: string, value: number): void {
    const known = this.all.get(what);
    if (known === undefined) this.all.set(what, { what, unit, values: [value] });
    else known.values.push(value);
  }

  get(what: string): Measurement {
    const found = this.all.get(what);
    if (found === undefined) throw new RangeError(`Nothing was measured as ${what}.`);
    return found;
  }

  get measurements(): readonly Measurement[] {
    return [...this.all.values()];
  }
}

export function atLeast(bound: number, text: string, value: number): Goal {
  return { text, value, isReached: value >= bound };
}

export function atMost(bound: number, text: string, value: number): Goal {
  return { text, value, isReached: value <= bound };
}
