import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeOnce } from '../support/kafka/make-once.ts';
import { ROOT } from '../support/source-process.ts';

const REQUIREMENT = 'confluent-kafka==2.16.1';
const CACHE = join(ROOT, 'node_modules/.cache/presently-python');
const INSTALL_MS_MAX = 120_000;

/**
 * A Python that has confluent-kafka, or why there is none. It is installed once for each version of both, into
 * node_modules/.cache.
 */
export async function confluentPython(): Promise<{ readonly python: string } | { readonly missing: string }> {
  try {
    const version = await run('python3', '-c', 'import sys; print(sys.executable, sys.version)');
    const name = createHash('sha256').update(`${version}${REQUIREMENT}`).digest('hex').slice(0, 12);
    const directory = join(CACHE, name);
    mkdirSync(CACHE, { recursive: true });
    await makeOnce(directory, async (draft) => {
      await run('python3', '-m', 'venv', draft);
      // `-m pip`, and nothing else of bin: what is there names the draft, and will not run once that is renamed.
      await run(join(draft, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', REQUIREMENT);
    });
    return { python: join(directory, 'bin/python') };
  } catch (error) {
    return {
      missing: `${REQUIREMENT} cannot be installed: ${(error as Error).message.trim().replaceAll(/\s+/g, ' ')}`,
    };
  }
}

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: INSTALL_MS_MAX });
  return stdout;
}
