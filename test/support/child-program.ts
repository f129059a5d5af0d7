import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

const POLL_MS = 20;

/** A program in any language that is being run, and what it has printed. */
export class ChildProgram {
  output = '';
  errors = '';
  /** Exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  private readonly child: ChildProcess;
  private isOver = false;

  constructor(program: string, args: readonly string[], env: Record<string, string>) {
    const child = spawn(program, args, { env: { ...process.env, NODE_OPTIONS: '', ...env }, stdio: 'pipe' });
    child.stdin.end();
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.exited = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        this.isOver = true;
        resolve(code ?? signal ?? 'unknown');
      });
    });
    this.child = child;
  }

  /** Resolves when it is so. Rejects when the program ends before. */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      if (this.isOver) throw new Error(`The program has ended: ${this.output}${this.errors}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Resolves with the exit code, or the signal's name. */
  stop(signal: NodeJS.Signals): Promise<number | string> {
    this.child.kill(signal);
    return this.exited;
  }
}
