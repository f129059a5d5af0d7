import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { SourceProcess } from '../support/source-process.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { readValues } from './reading.ts';

const directory = temporaryDirectory();
const WRITER = 'test/contract/lmdb-writer.ts';
const isAcknowledged = (line: string): boolean => line.startsWith('acknowledged ');
const acknowledged = (process: SourceProcess): number[] =>
  process.lines.filter(isAcknowledged).map((line) => Number(line.split(' ')[1]));

/** What is in the log after the writers are gone: the events' numbers, and the two state records. */
async function contents(): Promise<{ numbers: number[]; state: string[] }> {
  const log = LmdbLog.open({ directory: directory.path(), clock: new MovableClock() });
  const events = await readValues(log, 'events', 0);
  const state = (await readValues(log, 'state', 0)).filter((value) => !value.startsWith('{'));
  await log.close();
  return { numbers: events.map((value) => (JSON.parse(value) as { number: number }).number), state };
}

/** All that was acknowledged is there, once, in order; and never one state record of a commit without the other. */
async function expectIntact(all: readonly number[]): Promise<void> {
  const { numbers, state } = await contents();
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(numbers.length).toBeGreaterThan(all.at(-1) ?? Infinity);
  expect(state[0]).toBe(state[1]);
  expect(Number(state[0])).toBeGreaterThanOrEqual(all.at(-1) ?? Infinity);
}

test('after kill -9 all that was acknowledged is there, and the next process goes on', async () => {
  const all: number[] = [];
  for (let round = 1; round <= 5; round++) {
    const writer = new SourceProcess(WRITER, [directory.path()]);
    const until = (all.at(-1) ?? 0) + 17 * round;
    await writer.line((line) => line === `acknowledged ${until}`);
    expect(await writer.kill('SIGKILL')).toBe('SIGKILL');
    all.push(...acknowledged(writer));
    await expectIntact(all);
  }
});

const onLinux = process.platform === 'linux' ? test : test.skip; // elsewhere nothing lifts another process's limit

onLinux('on a full disk nothing is acknowledged that is not there, and with room again it goes on', async () => {
  const end = join(directory.path(), 'end');
  const writer = new SourceProcess(WRITER, [directory.path(), end], { fileKibMax: 1_024 });
  const refusal = await writer.line((line) => line.startsWith('refused'));
  expect(refusal).toMatch(/refused LogUnavailableError: The log in .* cannot be written: .*\. Is its disk full\?/);
  const before = acknowledged(writer).length;
  await writer.line(
    (line) => line.startsWith('refused') && line !== writer.lines[0] && writer.lines.length > before + 3,
  );
  execFileSync('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited:unlimited']);
  const last = acknowledged(writer).at(-1) ?? 0;
  await writer.line((line) => line === `acknowledged ${last + 20}`);
  writeFileSync(end, '');
  expect(await writer.exited).toBe(0);
  await expectIntact(acknowledged(writer));
});

test('a second process is told who has the data directory', async () => {
  const writer = new SourceProcess(WRITER, [directory.path()]);
  await writer.line(isAcknowledged);
  const second = new SourceProcess(WRITER, [directory.path()]);
  expect(await second.exited).toBe(1);
  expect(second.errors).toContain(`is in use by process ${writer.child.pid}`);
  await writer.kill('SIGKILL');
});
