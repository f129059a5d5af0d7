import type { ChildProcess, StdioOptions } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `presently`. */
export const CLI = '../../main';
/** How long a child may take to end by itself before it is killed, milliseconds. */
export const END_MS_MAX = 15_000;

// What it has started ends with it, also when it is told to end.
process.once('SIGTERM', () => process.exit(1));

/** A module of this program, by its path from here without the ending: there are sources and what is built from them. */
export function moduleFile(path: string): string {
  return fileURLToPath(new URL(path + extname(import.meta.url), import.meta.url));
}

/** Starts a module in a process of its own, run as this one is: from source, or as it was built. */
export function startChild(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdio: StdioOptions,
): ChildProcess {
  // Not what only this process was started with.
  const execArgv = process.execArgv.filter((argument) => argument !== '--expose-gc');
  const child = fork(moduleFile(path), args, { env: { ...process.env, ...env }, execArgv, stdio });
  const kill = (): void => void child.kill('SIGKILL'); // it must not outlive this process
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/** Resolves when the child has ended. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
