import { ServerProcess } from './server-process.ts';
import type { ProcessOptions } from './source-process.ts';
import { SourceProcess } from './source-process.ts';

export const STANDALONE = 'apps/standalone/src/main.ts';

/** A standalone service in a process of its own, on a free port. */
export function startStandalone(
  directory: string,
  options: ProcessOptions & { args?: readonly string[] } = {},
): Promise<ServerProcess> {
  const { args = [], ...rest } = options;
  return ServerProcess.listening(new SourceProcess(STANDALONE, ['--data', directory, '--port', '0', ...args], rest));
}
