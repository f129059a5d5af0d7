import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { example } from '../support/guides.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { killProcesses, ROOT } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { joinRooms, setStatuses } from './many-users.ts';

jest.setTimeout(120_000);
const path = findChromium();
if (path === null)
  process.stderr.write('SKIPPED: the console is not tested, because Chromium is missing: apt-get install chromium\n');
const inChromium = path === null ? test.skip : test;

const directory = mkdtempSync(join(tmpdir(), 'presently-test-'));
let browser: Browser;
/** One for all tests: it takes longer to start than they do. */
let server: ServerProcess;
/** What any page has complained of. */
const complaints: string[] = [];

beforeAll(async () => {
  if (path === null) return;
  if (process.env.CI !== 'true') execFileSync('npm', ['run', '-s', 'build:console'], { cwd: ROOT }); // there it was just built
  [server, browser] = await Promise.all([startDemo(), launchChromium(path)]);
});
afterEach(async () => {
  const contexts = (browser as Browser | undefined)?.contexts() ?? [];
  await Promise.all(contexts.map((context) => context.close()));
  complaints.splice(0);
});
afterAll(async () => {
  await (browser as Browser | undefined)?.close(); // there is none when it could not be started
  await killProcesses();
  rmSync(directory, { recursive: true });
});

/** As the README says. */
async function startDemo(...more: string[]): Promise<ServerProcess> {
  const [, options = ''] = example('console').trim().split('npm start -- ');
  const args = [...options.replace('/tmp/demo', directory).split(' '), ...more];
  const started = await startStandalone(directory, { env: { PRESENTLY_DEMO_USERS: '10' }, args });
  await started.ready();
  return started;
}

/** A page of a browser that nobody has used yet: the demo's user is signed in. */
async function open(): Promise<Page> {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(server.url);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

async function signInAs(page: Page, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Who you are').fill(token);
  await page.keyboard.press('Enter');
  await page.getByText('Live', { exact: true }).waitFor();
}

async function openAs(token: string): Promise<Page> {
  const page = await open();
  await signInAs(page, token);
  return page;
}

const row = (page: Page, userId: string) => page.locator(`li[data-user="${userId}"]`);

inChromium('the demo opens at once; every page can be reached by keyboard, and says what is there', async () => {
  const page = await open();
  await page.getByText('@you:demo', { exact: true }).first().waitFor();
  expect(await page.locator('.people li').count()).toBeGreaterThan(0);

  await page.keyboard.press('/');
  await page.keyboard.type('you');
  await row(page, '@you:demo').waitFor();
  await page.getByRole('heading', { name: /^(Online|Idle|Offline) 1$/ }).waitFor();
  expect(await page.locator('.people li').count()).toBe(1);

  await joinRooms(server, ['@you:demo', '@bob:x']);
  const bob = await openAs('@bob:x/PHONE');
  await page.getByRole('link', { name: 'Lists' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Ask to follow').fill('@bob:x');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Drop @bob:x' }).waitFor();
  await bob.getByRole('link', { name: 'Lists' }).click();
  await bob.getByRole('button', { name: 'Accept @you:demo' }).click();
  await bob.getByRole('button', { name: 'Deny @you:demo' }).waitFor();

  await page.getByRole('link', { name: 'Me' }).click();
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.getByText('All of it').click();
  expect(await page.locator('dt:text-is("device id") + dd').first().textContent()).toBe('CONSOLE');
  expect(await page.locator('dt:text-is("user id") + dd').first().textContent()).toBe('@you:demo');

  await page.getByRole('link', { name: 'System' }).focus();
  await page.keyboard.press('Enter');
  expect(await page.locator('dt:text("Records lost") + dd').textContent()).toBe('0');
  expect(await page.locator('dt:text-is("Connections") + dd').textContent()).toBe('2');
  expect(await page.locator('tbody tr').count()).toBe(4); // partitions

  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor(); // the tab stays signed in
  await signInAs(page, 'nobody').catch(() => undefined);
  expect(await page.getByRole('alert').textContent()).toContain('@user:server/DEVICE');
  expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
});

inChromium('a thousand users who change at once are drawn rightly, each in the element that they had', async () => {
  const users = Array.from({ length: 1_000 }, (_, index) => `@u${index}:x`);
  await joinRooms(server, ['@watcher:x', ...users]);
  await setStatuses(server, users, 'before');
  const page = await openAs('@watcher:x/LAPTOP');
  await page.getByRole('heading', { name: 'Offline 1000', exact: true }).waitFor();
  await page.evaluate('for (const row of document.querySelectorAll(".people li")) row.wasThere = true');
  await setStatuses(server, users, 'after');
  const drawn = page.locator('.people li .status', { hasText: 'after' });
  while ((await drawn.count()) < users.length) await page.waitForTimeout(20);
  const rows = await page.evaluate<string[]>(
    '[...document.querySelectorAll(".people li")].map(({ dataset, wasThere }) => `${dataset.user} ${wasThere}`)',
  );
  expect(rows.toSorted()).toEqual([...users, '@watcher:x'].map((userId) => `${userId} true`).toSorted());
});

inChromium(
  'time travel shows people as they were while one watched, and only those, until it is now again',
  async () => {
    await joinRooms(server, ['@eve:x', '@dan:x', '@late:x']);
    await setStatuses(server, ['@dan:x'], 'before the page');
    await setStatuses(server, ['@dan:x'], 'first');
    const page = await openAs('@eve:x/LAPTOP');
    const dan = row(page, '@dan:x').locator('.status');
    const slider = page.getByLabel('Time travel');
    await dan.getByText('first').waitFor();
    while (Number(await slider.getAttribute('max')) < 2) await page.waitForTimeout(20); // seconds, between the two
    await setStatuses(server, ['@dan:x', '@late:x'], 'second');
    await dan.getByText('second').waitFor();

    await slider.focus();
    await page.keyboard.press('Home');
    await page.getByText('This is the past').waitFor();
    await dan.getByText('first').waitFor();
    expect(
      await page
        .locator('.people')
        .getByText(/before the page|second/)
        .count(),
    ).toBe(0);
    await setStatuses(server, ['@dan:x'], 'third');
    await server.accept({ type: 'list.invited', user_id: '@dan:x', observed: '@eve:x', invitation: 'i' });
    await page.getByRole('link', { name: 'Lists' }).click();
    await page.getByRole('button', { name: 'Accept @dan:x' }).waitFor(); // so what came before it has come, too
    await page.getByRole('link', { name: 'People' }).click();
    expect(await dan.textContent()).toBe('first');

    await page.getByRole('button', { name: 'Back to now' }).focus();
    await page.keyboard.press('Enter');
    await dan.getByText('third').waitFor();
    expect(await page.getByText('This is the past').isVisible()).toBe(false);
    await setStatuses(server, ['@dan:x'], 'fourth');
    await dan.getByText('fourth').waitFor();
    expect(complaints).toEqual([]);
  },
);

inChromium('a timeline tells what one was shown as, and why; arrow keys go from change to change', async () => {
  const tom = { user_id: '@tom:x', device_id: 'PHONE' };
  await server.accept({ type: 'device.connected', ...tom });
  await server.accept({ type: 'status.set', user_id: '@tom:x', presence: 'unavailable', status_msg: 'asleep' });
  const page = await open();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Who you are').fill('@tom:x/TABLET');
  await page.getByLabel('Watch without being seen').check();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Me' }).click();
  const rows = page.locator('.changes li');
  await rows.nth(1).waitFor();
  const told = await rows.locator('span').allTextContents();
  expect(told).toEqual(['Idle: asleep', 'the user set the status', 'Online, active', 'device PHONE connected']);

  const slider = page.getByLabel('How you were shown at');
  const says = () => slider.getAttribute('aria-valuetext');
  await slider.focus();
  expect(await says()).toMatch(/: Idle: asleep\. Since .*: the user set the status\.$/);
  for (const [key, text] of [
    ['ArrowLeft', /Idle: asleep/],
    ['ArrowLeft', /: Online, active\. Since .*: device PHONE connected\.$/],
    ['ArrowLeft', /: Offline\. Because nothing had been heard of you\.$/],
    ['ArrowRight', /: Online, active\. Since/],
  ] as const) {
    await page.keyboard.press(key);
    expect(await says()).toMatch(text);
  }
  await server.accept({ type: 'status.set', ...tom, presence: 'online', status_msg: 'awake' });
  await rows.getByText('Online, active: awake').waitFor();
  expect(await says()).toMatch(/: Online, active\. Since/); // one who looks at the past is left there
  expect(complaints).toEqual([]);
});

inChromium('people see each other change, and what they missed while the server was away', async () => {
  await joinRooms(server, ['@alice:x', '@bob:x']);
  const [alice, bob] = [await openAs('@alice:x/LAPTOP'), await openAs('@bob:x/PHONE')];
  await row(alice, '@bob:x').waitFor();

  await bob.getByRole('link', { name: 'Me' }).click();
  const tookMs: number[] = [];
  for (const message of ['one', 'two', 'in the garden']) {
    await bob.getByLabel('Away').check();
    await bob.getByLabel('Status message').fill(message);
    await bob.getByRole('button', { name: 'Set' }).click();
    await bob.getByText('Set.', { exact: true }).waitFor();
    const setAt = Date.now();
    await row(alice, '@bob:x').getByText(message, { exact: true }).waitFor();
    tookMs.push(Date.now() - setAt);
  }
  expect(Math.min(...tookMs)).toBeLessThan(1_000); // the quickest: the machine may have been busy
  expect(await row(alice, '@bob:x').getAttribute('class')).toBe('unavailable');
  await bob.getByText('Idle: in the garden').waitFor();
  expect(complaints).toEqual([]);

  expect(await server.process.kill('SIGTERM')).toBe(0);
  await alice.getByText('Not connected').waitFor();
  server = await startDemo('--port', new URL(server.url).port);
  await server.accept({ type: 'status.set', user_id: '@bob:x', status_msg: 'back' });
  await row(alice, '@bob:x').getByText('back', { exact: true }).waitFor();
  await alice.getByText('Live', { exact: true }).waitFor();
  // A browser itself tells of each request that nobody answered.
  expect(
    complaints.filter((text) => !/net::ERR_(CONNECTION_REFUSED|INCOMPLETE|EMPTY|CONNECTION_RESET)/.test(text)),
  ).toEqual([]);
});
