import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { BenchmarkResult } from './benchmark.ts';

/** What a child is told to run. */
export interface BenchmarkRun {
  readonly name: string;
  readonly runs: number;
  readonly isQuick: boolean;
}

/** `.ts` from source, `.js` in dist. */
const CHILD = join(import.meta.dirname, `run-one${extname(import.meta.filename)}`);

/** Runs one benchmark in a process of its own: with a fresh heap, and nothing that another has left behind. */
export async function runInChild(run: BenchmarkRun): Promise<BenchmarkResult> {
  const directory = mkdtempSync(join(tmpdir(), 'presently-bench-'));
  try {
    return await resultOf(JSON.stringify({ ...run, directory }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function resultOf(task: string): Promise<BenchmarkResult> {
  const child = fork(CHILD, [task], { execArgv: [...process.execArgv, '--expose-gc'] });
  return new Promise((resolve, reject) => {
    let result: BenchmarkResult | null = null;
    child.on('message', (message) => (result = message as BenchmarkResult));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (result === null) reject(new Error(`its process has ended (${code ?? signal}) without a result`));
      else resolve(result);
    });
  });
}
