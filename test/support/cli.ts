import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { nodeArguments, ROOT } from './source-process.ts';

/** Runs `presently` with these arguments, from source, and returns what it prints. Rejects when it fails. */
export function presently(...args: readonly string[]): Promise<string> {
  return presentlyIn({}, ...args);
}

/** The same with settings in the environment. */
export async function presentlyIn(settings: Record<string, string>, ...args: readonly string[]): Promise<string> {
  const command = [...nodeArguments('apps/cli/src/main.ts'), ...args];
  const env = { ...process.env, NODE_OPTIONS: '', ...settings };
  const options = { cwd: ROOT, env, maxBuffer: 1 << 30 };
  const { stdout } = await promisify(execFile)(process.execPath, command, options);
  return stdout;
}

/** A line that `presently replay` prints. */
export interface ReplayLine {
  readonly ts: number;
  readonly user_id: string;
  readonly presence: string;
  readonly currently_active: boolean;
  readonly last_active_ts: number | null;
  readonly status_msg: string | null;
  readonly cause: {
    readonly type: string;
    readonly device_id?: string;
    readonly partition?: number;
    readonly offset: number;
  };
}

export function parseLines<Line>(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{')) // what node itself warns of on standard error is none
    .map((line) => JSON.parse(line) as Line);
}
