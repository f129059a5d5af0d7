import { SourceProcess } from './source-process.ts';
import type { ServerProcess } from './server-process.ts';

/** What `presently verify` has said, and its exit code. */
export interface Verified {
  readonly code: number | string;
  readonly line: string;
  readonly errors: string;
}

/** Runs `presently verify` until it ends. */
export async function verify(args: readonly string[], env: Record<string, string> = {}): Promise<Verified> {
  const process = new SourceProcess('apps/cli/src/main.ts', ['verify', ...args], { env });
  const code = await process.exited;
  return { code, line: process.lines.join('\n'), errors: process.errors };
}

/** The values of a metric of a server, by its labels as they are written. */
export async function metricOf(server: ServerProcess, name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return Object.fromEntries(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** The sum of a metric over all its labels, which are there. */
export async function sumOf(server: ServerProcess, name: string): Promise<number> {
  const values = Object.values(await metricOf(server, name));
  if (values.length === 0) throw new Error(`${server.url} has no metric ${name}.`);
  return values.reduce((sum, value) => sum + value, 0);
}
