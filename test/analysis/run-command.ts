import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Command } from 'commander';
import { explainCommand } from '#cli/explain';
import { historyCommand } from '#cli/history';
import { importCommand } from '#cli/import';
import { replayCommand } from '#cli/replay';
import { snapshotCommand } from '#cli/snapshot';
import { statsCommand } from '#cli/stats';
import { whatIfCommand } from '#cli/whatif';

/** Runs a command of `presently` in this process, and returns what it prints. Rejects when it fails. */
export async function runCommand([name, ...args]: readonly string[], directory: string): Promise<string> {
  // Made anew, because commander keeps the options of the run before.
  const commands: readonly Command[] = [
    replayCommand(),
    historyCommand(),
    statsCommand(),
    whatIfCommand(),
    explainCommand(),
    snapshotCommand(),
    importCommand(),
  ];
  const command = commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`There is no command ${name}.`);
  const out = join(directory, 'answer');
  const isWritten = command.options.some(({ long }) => long === '--out');
  let printed = '';
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text.toString();
    return true;
  });
  try {
    await command.exitOverride().parseAsync([...args, ...(isWritten ? ['--out', out] : [])], { from: 'user' });
  } finally {
    stdout.mockRestore();
  }
  if (!existsSync(out)) return printed;
  const answer = readFileSync(out, 'utf8');
  rmSync(out);
  return answer;
}

/** The words of a shell's command, without what only a shell could resolve. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
