import { Command } from 'commander';
import { wholeOption } from './options.ts';
import { writeSnapshots } from './snapshots/write-snapshots.ts';
import type { SourceOptions } from './sources/open-sources.ts';
import { addSourceOptions, FILES_ARGUMENT, withSources } from './sources/open-sources.ts';

interface Options extends SourceOptions {
  readonly snapshots: string;
  readonly every: number;
}

/** So that what lies between two of them is folded in a fraction of a second. */
const EVERY_RECORDS = 2_500;

const HELP = `
Then \`presently replay --snapshots DIR\` with --at or --from begins at the last snapshot before that time. Run again, it goes
on after the last one: on a live log, run it more often than events are deleted, and they are no longer needed.`;

export function snapshotCommand(): Command {
  const command = new Command('snapshot')
    .description('Keep the state at many places of files or the log, so that replays can begin there.')
    .argument(...FILES_ARGUMENT);
  return addSourceOptions(command)
    .requiredOption('--snapshots <directory>', 'where they are kept')
    .option('--every <n>', 'records from one to the next, about', wholeOption, EVERY_RECORDS)
    .addHelpText('after', HELP)
    .action(snapshot);
}

async function snapshot(files: readonly string[], options: Options): Promise<void> {
  await withSources(files, options, { label: 'Folding' }, async (sources) => {
    let count = 0;
    for (const source of sources) count += await writeSnapshots(source, options.snapshots, options.every);
    process.stdout.write(`Wrote ${count} snapshots to ${options.snapshots}.\n`);
  });
}
