import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sleep } from '#runtime/clock/clock';
import { systemClock } from '#runtime/clock/system-clock';
import { END_MS_MAX, ended, startChild } from './child.ts';

const READY_MS_MAX = 60_000;
const LOOK_EVERY_MS = 50;

/** What processes took up to now. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** A server in a process of its own, which says where it listens and answers `/metrics`. */
export class App {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Starts a module of this program. Resolves when it listens. */
  static async start(path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<App> {
    const child = startChild(path, args, env, ['ignore', 'pipe', 'inherit', 'ipc']);
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${path} ${args.join(' ')} has ended (${code}).`)));
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on('line', (line) => {
        const listensOn = / listens on (http\S+)/.exec(line)?.[1];
        if (listensOn !== undefined) resolve(listensOn);
      });
    });
    return new App(child, url);
  }

  async ready(): Promise<void> {
    const startedAt = systemClock.elapsed();
    while (!(await fetch(`${this.url}/readyz`)).ok) {
      if (systemClock.elapsed() - startedAt > READY_MS_MAX) throw new Error(`${this.url} does not become ready.`);
      await sleep(systemClock, LOOK_EVERY_MS);
    }
  }

  async usage(): Promise<Usage> {
    const text = await this.metrics();
    return {
      cpuSeconds: sumOf(text, 'process_cpu_seconds_total'),
      residentBytes: sumOf(text, 'process_resident_memory_bytes'),
    };
  }

  /** The sum of a metric over its labels. */
  async metric(name: string): Promise<number> {
    return sumOf(await this.metrics(), name);
  }

  private async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const cancel = systemClock.after(END_MS_MAX, () => this.child.kill('SIGKILL'));
    await ended(this.child);
    cancel();
  }
}

function sumOf(metrics: string, name: string): number {
  const values = metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'));
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
}
