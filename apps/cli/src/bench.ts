import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Command } from 'commander';
import { CommandError } from '#runtime/process';
import type { Benchmark } from './bench/benchmark.ts';
import { requireFiles } from './event-file.ts';
import { wholeOption } from './options.ts';

interface Options {
  readonly runs: number;
  readonly quick?: boolean;
  readonly out?: string;
  readonly trace?: string;
  readonly list?: boolean;
  readonly plots?: boolean;
}

const RESULTS_FILE = 'bench/results.json';

export function benchCommand(): Command {
  return new Command('bench')
    .description('Measure this machine: run benchmarks, print a table, and keep the results.')
    .argument('[names...]', 'which to run (default: all); the others keep their results')
    .option('--runs <n>', 'how often each is measured', wholeOption, 3)
    .option('--quick', 'sizes so small that it only shows that it works; kept only where --out says')
    .option('--out <file>', `where the results are kept (default: ${RESULTS_FILE})`)
    .option('--trace <file>', 'event file to play (default: TRACE_FILE, or else a synthetic crowd)')
    .option('--list', 'only say which there are')
    .option('--plots', 'run nothing: draw docs/plots and fill the tables of docs/PERFORMANCE.md from the results')
    .addHelpText('after', '\nWhat needs Kafka runs when KAFKA_BROKERS is set. Progress is told on standard error.')
    .action(bench);
}

async function bench(names: readonly string[], options: Options): Promise<void> {
  // Only now: they load all apps and both clients of the log.
  const { BENCHMARKS } = await import('./bench/benchmarks.ts');
  const file = options.out ?? RESULTS_FILE;
  if (options.list === true) return list(BENCHMARKS);
  if (options.plots === true) return report(file);
  const chosen = choose(BENCHMARKS, names);
  if (options.trace !== undefined) {
    requireFiles([options.trace]);
    process.env.TRACE_FILE = options.trace; // the children read it
  }
  const isKept = options.quick !== true || options.out !== undefined;
  await runAll(chosen, options, isKept ? file : null);
}

function list(benchmarks: readonly Benchmark[]): void {
  for (const { name, summary } of benchmarks) process.stdout.write(`${name.padEnd(12)} ${summary}\n`);
}

async function report(file: string): Promise<void> {
  if (!existsSync(file)) throw new CommandError(`There is no file ${file}: run the benchmarks first.`);
  const { readResults } = await import('./bench/results.ts');
  const { writeReport } = await import('./bench/report.ts');
  writeReport(readResults(file));
}

function choose(benchmarks: readonly Benchmark[], names: readonly string[]): readonly Benchmark[] {
  const known = new Map(benchmarks.map((benchmark) => [benchmark.name, benchmark]));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new CommandError(`There is no benchmark ${unknown.join(', ')}. There are: ${[...known.keys()].join(', ')}.`);
  }
  return names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name));
}

/** Each in a process of its own, one after another. One that fails does not stop the others. */
async function runAll(benchmarks: readonly Benchmark[], options: Options, file: string | null): Promise<void> {
  const { runInChild } = await import('./bench/run-in-child.ts');
  const { keepResult, storedResult } = await import('./bench/results.ts');
  const { tableOf } = await import('./bench/table.ts');
  const failed: string[] = [];
  for (const { name, summary } of benchmarks) {
    process.stderr.write(`${name}: ${summary}\n`);
    try {
      const run = { name, runs: options.runs, isQuick: options.quick === true };
      const [loadBefore = 0] = loadavg();
      const stored = storedResult(run, summary, await runInChild(run), loadBefore);
      if (file !== null) keepResult(file, stored);
      process.stdout.write(tableOf(stored));
    } catch (error) {
      process.stderr.write(`${name} failed: ${(error as Error).message}\n`);
      failed.push(name);
    }
  }
  if (failed.length > 0) throw new CommandError(`Of ${benchmarks.length} benchmarks ${failed.join(', ')} failed.`);
}
