import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = join(import.meta.dirname, '../..');
const FROM_SOURCE = ['--conditions=presently-source', '--import', '@swc-node/register/esm-register'];

/**
 * The arguments with which node runs a TypeScript file of this repository: from its source, so that what is tested is what
 * is there. In CI, where all has just been built, an app runs as users run it, which also starts in half the time.
 */
export function nodeArguments(file: string): string[] {
  const isBuilt = process.env.CI === 'true' && file.startsWith('apps/');
  return isBuilt ? [join(ROOT, 'dist', file.replace(/\.ts$/, '.js'))] : [...FROM_SOURCE, join(ROOT, file)];
}

const running = new Set<SourceProcess>();

/** Ends what a test that failed has left running; Jest would wait for it. */
export async function killProcesses(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill('SIGKILL')));
}

export interface ProcessOptions {
  readonly env?: Record<string, string>;
  /** Size that no file of the process can go over, in KiB: a full disk, as far as the process can tell. */
  readonly fileKibMax?: number;
}

/** A process that runs a file of this repository from its source, and the lines that it prints. */
export class SourceProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: string[] = [];
  errors = '';
  /** Exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  private waiting: {
    isIt: (line: string) => boolean;
    resolve: (line: string) => void;
    reject: (error: Error) => void;
  }[] = [];

  constructor(file: string, args: readonly string[], { env = {}, fileKibMax }: ProcessOptions = {}) {
    const command = [process.execPath, ...nodeArguments(file), ...args];
    const limited = ['-c', `ulimit -S -f ${fileKibMax}; exec "$@"`, 'bash', ...command];
    const [program = '', ...rest] = fileKibMax === undefined ? command : ['bash', ...limited];
    this.child = spawn(program, rest, { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '', ...env } });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    const reader = createInterface({ input: this.child.stdout });
    reader.on('line', (line) => {
      this.lines.push(line);
      this.waiting = this.waiting.filter((waiter) => {
        if (!waiter.isIt(line)) return true;
        waiter.resolve(line);
        return false;
      });
    });
    running.add(this);
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        running.delete(this);
        for (const { reject } of this.waiting)
          reject(new Error(`The process has ended (${code ?? signal}): ${this.errors}`));
        resolve(code ?? signal ?? 'unknown');
      });
    });
  }

  /** The first line that is it, printed already or later. Rejects when the process ends without. */
  line(isIt: (line: string) => boolean): Promise<string> {
    const printed = this.lines.find(isIt);
    if (printed !== undefined) return Promise.resolve(printed);
    return new Promise((resolve, reject) => this.waiting.push({ isIt, resolve, reject }));
  }

  /** Resolves with the exit code, or the signal's name. */
  kill(signal: NodeJS.Signals): Promise<number | string> {
    this.child.kill(signal);
    return this.exited;
  }
}
