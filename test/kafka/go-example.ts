import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EXAMPLES, findGo, goEnvironment } from '../support/examples.ts';
import { currentRun } from '../support/kafka/run-directory.ts';

const BUILD_MS_MAX = 180_000;

/** The program that Go makes of a module among the examples, or why there is none: Go fetches what the module needs. */
export async function builtWithGo(
  module: string,
): Promise<{ readonly program: string } | { readonly missing: string }> {
  const go = findGo();
  if (go === null) return { missing: `${module} needs Go` };
  const program = join(currentRun().directory, module);
  const options = { cwd: join(EXAMPLES, module), env: goEnvironment(), timeout: BUILD_MS_MAX };
  try {
    await promisify(execFile)(go, ['build', '-o', program, '.'], options);
    return { program };
  } catch (error) {
    return { missing: `${module} cannot be built: ${(error as Error).message.trim().replaceAll(/\s+/g, ' ')}` };
  }
}
