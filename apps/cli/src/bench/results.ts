import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { systemClock } from '#runtime/clock/system-clock';
import type { BenchmarkResult } from './benchmark.ts';
import type { BenchmarkRun } from './run-in-child.ts';

/** A result, and what has to be known of where it comes from. */
export interface StoredResult extends BenchmarkResult, BenchmarkRun {
  readonly summary: string;
  /** ISO 8601. */
  readonly date: string;
  /** As git describes it; null: not known. */
  readonly commit: string | null;
  readonly machine: string;
  readonly node: string;
  /** How many processes wanted a core in the minute before, on average: others slow down what is measured. */
  readonly loadBefore: number;
}

export function storedResult(
  run: BenchmarkRun,
  summary: string,
  result: BenchmarkResult,
  loadBefore: number,
): StoredResult {
  const processors = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return {
    ...run,
    summary,
    date: new Date(systemClock.now()).toISOString(),
    commit: commit(),
    machine: `${processors.length} cores of ${processors[0]?.model ?? 'an unknown processor'}, ${memoryGb} GB`,
    node: process.version,
    loadBefore,
    ...result,
  };
}

/** In the order in which they were first kept. */
export function readResults(file: string): StoredResult[] {
  return JSON.parse(readFileSync(file, 'utf8')) as StoredResult[];
}

/** Puts a result in the place of the former one of the same benchmark, and leaves the others. */
export function keepResult(file: string, result: StoredResult): void {
  const results = existsSync(file) ? readResults(file) : [];
  const at = results.findIndex(({ name }) => name === result.name);
  if (at < 0) results.push(result);
  else results[at] = result;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Four digits say all there is to know of a figure. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

function commit(): string | null {
  try {
    const git = execFileSync('git', ['describe', '--always', '--dirty'], { stdio: ['ignore', 'pipe', 'ignore'] });
    return git.toString().trim();
  } catch {
    return null; // an installed package is no repository
  }
}
