import { spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { nodeArguments, ROOT } from './source-process.ts';

const POLL_MS = 10;
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** `npx presently` of a shell: this repository's, from its source. */
const NPX = `npx() { shift; ${quoted([process.execPath, ...nodeArguments('apps/cli/src/main.ts')])} "$@"; }`;

export interface ShellOptions {
  /** Where it runs; there has to be no node_modules yet. */
  readonly directory?: string;
  readonly env?: Record<string, string>;
}

/** A shell that runs commands of a guide, and what it has printed. */
export class Shell {
  printed = '';
  private readonly child;
  readonly ended: Promise<number | null>;

  constructor(commands: string, { directory = ROOT, env = {} }: ShellOptions = {}) {
    if (directory !== ROOT) symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    this.child = spawn('bash', ['-c', `exec 2>&1; ${NPX}; ${commands}`], {
      detached: true,
      cwd: directory,
      // How the sources are compiled, wherever it runs.
      env: { ...process.env, NODE_OPTIONS: '', TS_NODE_PROJECT: join(ROOT, 'tsconfig.json'), ...env },
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** Resolves when it has printed that. Rejects when it ends before. */
  async until(isThere: (printed: string) => boolean): Promise<void> {
    while (!isThere(this.printed)) {
      if (this.child.exitCode !== null) throw new Error(`The shell has ended: ${this.printed}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Ends the shell with all that it has started. */
  end(): Promise<number | null> {
    if (this.child.pid !== undefined && this.child.exitCode === null) process.kill(-this.child.pid);
    return this.ended;
  }
}
