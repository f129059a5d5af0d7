import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sayAtEnd } from './kafka/run-directory.ts';
import { ROOT } from './source-process.ts';

/** Where the programs are that users are shown. */
export const EXAMPLES = join(ROOT, 'docs/examples');
/** What Go has compiled; with an empty one it compiles its standard library, which takes half a minute. */
const GO_CACHE = join(ROOT, 'node_modules/.cache/presently-go');

/** The first of the programs that runs with these arguments, or null. */
export function findProgram(programs: readonly string[], ...args: readonly string[]): string | null {
  for (const program of programs) {
    try {
      execFileSync(program, args, { stdio: 'ignore' });
      return program;
    } catch {
      // The next one.
    }
  }
  return null;
}

export const findGo = (): string | null => findProgram(['go', '/usr/local/go/bin/go'], 'version');

/** The environment of a Go compiler that writes nothing outside of node_modules. */
export const goEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, GOFLAGS: '-mod=mod', GOCACHE: GO_CACHE });

/**
 * `test`, or, when something is missing, a test that is skipped, which the run says at its end. Throws if it may not be
 * missing: with CI=true.
 */
export function testUnless(missing: string | null, { requiredInCi }: { requiredInCi: boolean }): typeof test.skip {
  if (missing === null) return test;
  if (requiredInCi && process.env.CI === 'true') throw new Error(`With CI=true all examples must run: ${missing}`);
  sayAtEnd(`An example of docs/UPSTREAM.md is SKIPPED: ${missing}`);
  return test.skip;
}
