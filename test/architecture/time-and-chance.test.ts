import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { timeAndChanceUses } from './time-and-chance-uses.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The server's, and that of the client library, which is published by itself and so has one of its own. */
const ALLOWED = ['libs/runtime/src/clock/', 'libs/client/src/system-clock.ts'];
const isAllowed = (file: string): boolean => ALLOWED.some((allowed) => file.startsWith(allowed));

function sources(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.split('/').includes('test')) // tests may wait
    .map((path) => `${folder}/${path}`);
}

test(`clocks, timers and randomness are used only in ${ALLOWED.join(' and ')}`, () => {
  const files = [...sources('apps'), ...sources('libs')];
  for (const allowed of ALLOWED) expect(files.some((file) => file.startsWith(allowed))).toBe(true);
  const uses = files
    .filter((file) => !isAllowed(file))
    .flatMap((file) => timeAndChanceUses(file, readFileSync(root + file, 'utf8')).map((use) => `${file}:${use}`));
  expect(uses).toEqual([]);
});

test.each([
  ['Date.now()', 'Date.now'],
  ['globalThis.Date.now()', 'Date.now'],
  ["Date['now']()", 'Date.now'],
  ['const { now } = Date', 'Date.now'],
  ['new Date()', 'the current Date'],
  ['new Date', 'the current Date'],
  ['Date()', 'the current Date'],
  ['performance.now()', 'performance.now'],
  ['process.hrtime.bigint()', 'process.hrtime'],
  ["import { hrtime } from 'node:process'", 'process.hrtime'],
  ['setTimeout(run, 1)', 'setTimeout'],
  ['setInterval(run, 1)', 'setInterval'],
  ['setImmediate(run)', 'setImmediate'],
  ['globalThis.setTimeout(run, 1)', 'setTimeout'],
  ['start({ timer: setTimeout })', 'setTimeout'],
  ['start({ setTimeout })', 'setTimeout'],
  ["import { setTimeout as sleep } from 'node:timers/promises'", 'timers/promises'],
  ["import timers from 'timers'", 'timers'],
  ["await import('node:timers/promises')", 'timers/promises'],
  ['Math.random()', 'Math.random'],
  ['crypto.randomUUID()', 'crypto.randomUUID'],
  ["import { randomBytes } from 'node:crypto'", 'crypto.randomBytes'],
  ["import { randomUUID as id } from 'crypto'", 'crypto.randomUUID'],
  ["import * as secrets from 'node:crypto'; secrets.randomBytes(8)", 'secrets.randomBytes'],
])('caught: %s', (text, what) => {
  expect(timeAndChanceUses('snippet.ts', text)).toEqual([`1: ${what}`]);
});

test.each([
  '// Date.now() and setTimeout(run, 1)',
  "const text = 'new Date()'",
  'new Date(ms)',
  'Date.parse(text)',
  'clock.now()',
  'clock.setTimeout(run, 1)',
  'clock.randomUUID()',
  'this.setInterval(run)',
  'interface Clock { setTimeout(run: () => void, ms: number): void }',
  'class Manual { setTimeout(): void {} }',
  'let timer: ReturnType<typeof setTimeout>',
  "import { createHash } from 'node:crypto'",
])('let pass: %s', (text) => {
  expect(timeAndChanceUses('snippet.ts', text)).toEqual([]);
});
