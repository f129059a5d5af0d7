import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LogConfigError } from '#message-log/errors';
import { lockDirectory, removeStale } from '#message-log/lmdb/directory-lock';
import { SourceProcess } from '../../../../test/support/source-process.ts';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';

const directory = temporaryDirectory();
const lockPath = (): string => join(directory.path(), 'presently.lock');
const lock = (): string => readFileSync(lockPath(), 'utf8');
const onLinux = process.platform === 'linux' ? test : test.skip;

test('a directory is one process’s at a time, and nothing is left when it is given back', () => {
  const unlock = lockDirectory(directory.path());
  expect(() => lockDirectory(directory.path())).toThrow(`is in use by process ${process.pid} on ${hostname()}`);
  unlock();
  expect(readdirSync(directory.path())).toEqual([]);
  lockDirectory(directory.path())();
});

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: null })],
  ['of another host, as a container that was started anew', JSON.stringify({ pid: 1, host: 'other', startedAt: '1' })],
  ['that a crash of the machine has emptied', ''],
])('a lock %s is taken over', (_whose, text) => {
  writeFileSync(lockPath(), text);
  const unlock = lockDirectory(directory.path());
  expect(JSON.parse(lock())).toMatchObject({ pid: process.pid, host: hostname() });
  expect(readdirSync(directory.path())).toEqual(['presently.lock']);
  unlock();
});

onLinux('a lock of a process that has ended, and that its parent has not asked about, is taken over', async () => {
  const parent = spawn('bash', ['-c', 'sleep 60 & echo $!; exec sleep 61']);
  try {
    const [pid] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const stat = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8');
    const isShell = (): boolean => readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8').startsWith('bash');
    while (isShell()) await new Promise((resolve) => setTimeout(resolve, 5)); // which would ask about its child
    process.kill(Number(pid));
    while (!stat().includes(') Z ')) await new Promise((resolve) => setTimeout(resolve, 5));
    const startedAt = stat().split(') ')[1]?.split(' ')[19];
    writeFileSync(lockPath(), JSON.stringify({ pid: Number(pid), host: hostname(), startedAt }));
    lockDirectory(directory.path())();
  } finally {
    parent.kill();
  }
});

test('a lock that was judged stale is removed, but not the one that has replaced it since', () => {
  removeStale(lockPath(), 'stale'); // it is gone already
  writeFileSync(lockPath(), 'stale');
  removeStale(lockPath(), 'stale');
  expect(readdirSync(directory.path())).toEqual([]);
  writeFileSync(lockPath(), 'another’s');
  removeStale(lockPath(), 'stale');
  expect(readdirSync(directory.path())).toEqual(['presently.lock']);
  expect(lock()).toBe('another’s');
});

test('what is given back is one’s own lock, and no other', () => {
  const unlock = lockDirectory(directory.path());
  writeFileSync(lockPath(), 'another’s');
  unlock();
  expect(lock()).toBe('another’s');
});

test('two processes that take it all the time never have it at once', async () => {
  const users = [1, 2].map(
    () => new SourceProcess('libs/message-log/test/lmdb/lock-user.ts', [directory.path(), '3000']),
  );
  expect(await Promise.all(users.map(({ exited }) => exited))).toEqual([0, 0]);
  expect(readdirSync(directory.path())).toEqual([]);
});

onLinux('a disk that is full is said to be, and no lock is left behind', async () => {
  const user = new SourceProcess('test/contract/lmdb-writer.ts', [directory.path()], { fileKibMax: 0 });
  expect(await user.exited).toBe(1);
  expect(user.errors).toContain(`${LogConfigError.name}: Cannot write the data directory`);
  expect(readdirSync(directory.path())).toEqual([]);
});
