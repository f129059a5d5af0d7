import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOnce } from '../support/kafka/make-once.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** No process has it: Linux and macOS give out far smaller ones. */
const NO_PID = 99_999_999;

const parent = temporaryDirectory();
const directory = (): string => join(parent.path(), 'made');

test('it is made once, whoever asks, and appears whole', async () => {
  let made = 0;
  const make = async (draft: string): Promise<void> => {
    made++;
    writeFileSync(join(draft, 'first'), '1');
    await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(directory())).toBe(false);
    writeFileSync(join(draft, 'second'), '2');
  };
  await Promise.all([makeOnce(directory(), make), makeOnce(directory(), make), makeOnce(directory(), make)]);
  await makeOnce(directory(), make);
  expect(made).toBe(1);
  expect(readdirSync(directory()).toSorted()).toEqual(['first', 'second']);
  expect(readdirSync(parent.path())).toEqual(['made']);
});

test('when it fails, nothing is left behind, and the next who asks tries again', async () => {
  await expect(makeOnce(directory(), () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  expect(readdirSync(parent.path())).toEqual([]);
  await makeOnce(directory(), (draft) => Promise.resolve(writeFileSync(join(draft, 'file'), 'now')));
  expect(readFileSync(join(directory(), 'file'), 'utf8')).toBe('now');
});

test('the lock of a process that is gone keeps nobody out', async () => {
  symlinkSync(String(NO_PID), `${directory()}.lock`);
  await makeOnce(directory(), () => Promise.resolve());
  expect(readdirSync(parent.path())).toEqual(['made']);
});
