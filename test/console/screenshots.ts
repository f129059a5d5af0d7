import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { findChromium, launchChromium } from './chromium.ts';

// `npm run console:screenshots`: takes the pictures of the console that the README shows, of the demo, into docs/images.

const WATCH_MS = 60_000;
const path = findChromium();
if (path === null) throw new Error('Chromium is missing: apt-get install chromium.');
execFileSync('npm', ['run', '-s', 'build:console'], { cwd: ROOT });
const directory = mkdtempSync(join(tmpdir(), 'presently-screenshots-'));
const server = await startStandalone(directory, { args: ['--demo'] });
await server.ready();
const browser = await launchChromium(path);
const images = join(ROOT, 'docs/images');
mkdirSync(images, { recursive: true });

const desktop = { width: 1_000, height: 640 };
const pages = await Promise.all(
  (['light', 'dark'] as const).map(async (colorScheme) => {
    const page = await browser.newPage({ colorScheme, viewport: desktop });
    await page.goto(server.url);
    return { colorScheme, page };
  }),
);
await sleep(WATCH_MS);
for (const { colorScheme, page } of pages) {
  await page.screenshot({ path: join(images, `console-${colorScheme}.png`) });
}
const [light] = pages;
await light?.page.setViewportSize({ width: 390, height: 700 });
await light?.page.screenshot({ path: join(images, 'console-phone.png') });
await browser.close();
await server.process.kill('SIGTERM');
rmSync(directory, { recursive: true });
