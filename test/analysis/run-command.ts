import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { historyCommand } from '#cli/history';
import { replayCommand } from '#cli/replay';
import { statsCommand } from '#cli/stats';
import { whatIfCommand } from '#cli/whatif';

/** Runs a command of `presently` in this process, and returns what it writes to a file in the directory. */
export async function runCommand([name, ...args]: readonly string[], directory: string): Promise<string> {
  // Made anew, because commander keeps the options of the run before.
  const commands: readonly Command[] = [replayCommand(), historyCommand(), statsCommand(), whatIfCommand()];
  const command = commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`There is no command ${name}.`);
  const out = join(directory, 'answer');
  await command.exitOverride().parseAsync([...args, '--out', out], { from: 'user' });
  return readFileSync(out, 'utf8');
}

/** The words of a shell's command, without what only a shell could resolve. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
