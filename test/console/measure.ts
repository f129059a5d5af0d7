import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { joinRooms, setStatuses } from './many-users.ts';

// `npm run console:measure`: how long the console keeps a browser busy while a thousand users change a hundred times a second.
// Fails when that is ever 50 ms or longer at a stretch, which is what browsers call a long task.

const USERS = 1_000;
const CHANGES_PER_S = 100;
const SECONDS = 20;
const EVERY_MS = 50;

const OBSERVE = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  globalThis.frames = [];
  const frame = (at) => { globalThis.frames.push(at); requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
`;

const path = findChromium();
if (path === null) throw new Error('Chromium is missing: apt-get install chromium.');
execFileSync('npm', ['run', '-s', 'build:console'], { cwd: ROOT });
const directory = mkdtempSync(join(tmpdir(), 'presently-console-'));
const server = await startStandalone(directory);
const browser = await launchChromium(path);
try {
  const users = Array.from({ length: USERS }, (_, index) => `@user${index}:x`);
  await server.ready();
  await joinRooms(server, ['@watcher:x', ...users]);
  await server.accept(...users.map((user_id) => ({ type: 'device.connected', user_id })));
  const page = await browser.newPage({ viewport: { width: 1_000, height: 800 } });
  await page.addInitScript(OBSERVE);
  await page.goto(server.url);
  await page.getByLabel('Who you are').fill('@watcher:x/LAPTOP');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `Online ${USERS + 1}` }).waitFor();
  const loading = await longTasks();

  await page.evaluate('globalThis.longTasks.length = 0; globalThis.frames.length = 0');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await cpuSeconds();
  const startAt = performance.now();
  let sent = 0;
  while (sent < SECONDS * CHANGES_PER_S) {
    const due = Math.floor(((performance.now() - startAt) / 1_000) * CHANGES_PER_S);
    const batch = Array.from({ length: due - sent }, (_, index) => users[(sent + index) % USERS] ?? '');
    // Every second one also moves to another section, and back.
    const unavailable = batch.filter((_, index) => index % 2 === 0);
    await setStatuses(server, batch, `change ${sent}`);
    await server.accept(...unavailable.map((user_id) => ({ type: 'status.set', user_id, presence: turn(sent) })));
    sent += batch.length;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const seconds = (performance.now() - startAt) / 1_000;
  const after = await cpuSeconds();
  const share = (...names: string[]): string => {
    const used = names.reduce((sum, name) => sum + (after.get(name) ?? 0) - (before.get(name) ?? 0), 0);
    return `${((used / seconds) * 100).toFixed(1)} %`;
  };
  const busy = await longTasks();
  const gaps = await page.evaluate<number[]>('globalThis.frames.slice(1).map((at, i) => at - globalThis.frames[i])');
  gaps.sort((a, b) => a - b);
  const gap = (part: number): string => `${Math.round(gaps[Math.floor(gaps.length * part)] ?? 0)} ms`;
  process.stdout.write(
    [
      `users                 ${USERS}`,
      `changes               ${sent} in ${seconds.toFixed(0)} s: ${Math.round(sent / seconds)} a second`,
      `long tasks, loading   ${toldOf(loading)}`,
      `long tasks, changing  ${toldOf(busy)}`,
      `main thread's CPU     ${share('TaskDuration')}: script ${share('ScriptDuration')}, layout ${share('LayoutDuration', 'RecalcStyleDuration')}`,
      `between two frames    ${gap(0.5)} (p50), ${gap(0.99)} (p99), ${gap(1 - 1 / gaps.length)} (longest)`,
      `load of the machine   ${loadavg()[0]?.toFixed(1)}`,
      '',
    ].join('\n'),
  );
  process.exitCode = busy.length === 0 ? 0 : 1;

  /** What the page's main thread has worked at what, in seconds of its own, whatever else the machine did. */
  async function cpuSeconds(): Promise<Map<string, number>> {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return new Map(metrics.map(({ name, value }) => [name, value]));
  }

  function longTasks(): Promise<number[]> {
    return page.evaluate<number[]>('globalThis.longTasks');
  }
} finally {
  await browser.close();
  await server.process.kill('SIGTERM');
  rmSync(directory, { recursive: true });
}

function turn(sent: number): string {
  return Math.floor(sent / USERS) % 2 === 0 ? 'unavailable' : 'online';
}

function toldOf(tasks: readonly number[]): string {
  return tasks.length === 0
    ? 'none (of 50 ms or more)'
    : `${tasks.length}, the longest ${Math.round(Math.max(...tasks))} ms`;
}
