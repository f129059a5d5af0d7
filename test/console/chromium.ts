import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const INSTALL_MS_MAX = 300_000;
const isRoot = process.getuid?.() === 0;

/** Where Chromium is; null: there is none. */
function installed(): string | null {
  return PATHS.find((path) => existsSync(path)) ?? null;
}

/** Where Chromium is. In CI, as root on Debian, it is installed if it is missing. Null: there is none. */
export function findChromium(): string | null {
  if (installed() === null && process.env.CI === 'true' && isRoot) install();
  return installed();
}

function install(): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args: string[]): unknown =>
    execFileSync('apt-get', ['-qq', '-y', ...args], { env, stdio: 'pipe', timeout: INSTALL_MS_MAX });
  try {
    run('update');
    run('install', '--no-install-recommends', 'chromium');
  } catch (error) {
    process.stderr.write(`Chromium could not be installed: ${(error as Error).message}\n`);
  }
}

/** Starts Chromium, without a window. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] }); // root has no sandbox
}
