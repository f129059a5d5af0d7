import { readKafkaConfig } from '#runtime/kafka-config';
import { exitWith } from '#runtime/process';
import { BENCHMARKS } from './benchmarks.ts';
import type { BenchmarkRun } from './run-in-child.ts';

/** The process of one benchmark: its argument says which, and its result goes to the parent as a message. */
async function main(task: string): Promise<void> {
  const { name, runs, isQuick, directory } = JSON.parse(task) as BenchmarkRun & { directory: string };
  const benchmark = BENCHMARKS.find((one) => one.name === name);
  if (benchmark === undefined) throw new RangeError(`There is no benchmark ${name}.`);
  const result = await benchmark.run({
    runs,
    isQuick,
    directory,
    brokers: readKafkaConfig(process.env)?.brokers ?? null,
    say: (line) => process.stderr.write(`  ${line}\n`),
  });
  // What it may have left open shall not keep the process.
  process.send?.(result, () => process.exit(0));
}

await main(process.argv[2] ?? '').catch(exitWith);
