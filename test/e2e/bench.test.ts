import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { presently, presentlyIn } from '../support/cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(120_000);
const directory = temporaryDirectory();

/** Of a results file, what is looked at here. How fast anything is, no test says. */
interface Result {
  readonly name: string;
  readonly isQuick: boolean;
  readonly measurements: readonly { what: string; unit: string; values: readonly number[] }[];
  readonly goals: readonly { text: string; value: number; isReached: boolean }[];
}

const results = (file: string): Result[] => JSON.parse(readFileSync(file, 'utf8')) as Result[];

test('benchmarks run, print what they have measured, and keep it beside the results of others', async () => {
  const file = join(directory.path(), 'results.json');
  const settings = { KAFKA_BROKERS: '', TRACE_FILE: '' };
  const run = (...names: readonly string[]): Promise<string> =>
    presentlyIn(settings, 'bench', ...names, '--quick', '--runs', '1', '--out', file);

  const other = { name: 'storm', isQuick: false, measurements: [], goals: [] };
  writeFileSync(file, JSON.stringify([{ ...other, name: 'log' }, other]));
  const printed = await run('fold', 'memory', 'resume', 'log');
  expect(results(file).map(({ name }) => name)).toEqual(['log', 'storm', 'fold', 'resume', 'memory']);
  expect(results(file)[1]).toEqual(other);
  for (const { name, isQuick, measurements, goals } of results(file).filter(({ name }) => name !== 'storm')) {
    expect(isQuick).toBe(true);
    expect(printed).toMatch(new RegExp(`^${name} `, 'm'));
    expect(measurements.length).toBeGreaterThan(0);
    for (const { what, values } of measurements) {
      expect({ what, values }).toEqual({ what, values: [expect.any(Number)] });
      expect({ what, least: Math.min(...values) > 0 }).toEqual({ what, least: true });
      expect(printed).toContain(what);
    }
    for (const { text, value } of goals) {
      expect({ text, isFinite: Number.isFinite(value) }).toEqual({ text, isFinite: true });
      expect(printed).toContain(text);
    }
  }
});

test('--list says which there are, and a name that is none is refused', async () => {
  const listed = (await presently('bench', '--list')).trim().split('\n');
  const names = listed.map((line) => line.split(' ')[0]);
  expect(names).toEqual(expect.arrayContaining(['fold', 'log', 'projector', 'restore', 'resume', 'memory']));
  await expect(presently('bench', 'nothing')).rejects.toThrow(
    `There is no benchmark nothing. There are: ${names.join(', ')}.`,
  );
});
