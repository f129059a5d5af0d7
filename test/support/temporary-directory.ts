import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killProcesses } from './source-process.ts';

/** A directory that is removed when the test is over, after its processes. To be called at the top of a file. */
export function temporaryDirectory(): { path: () => string } {
  let path = '';
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'presently-test-'));
  });
  afterEach(async () => {
    await killProcesses();
    rmSync(path, { recursive: true, force: true });
  });
  return { path: () => path };
}
