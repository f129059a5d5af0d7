import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { expectSameAsFile } from '../support/same-state.ts';
import type { ReplayLine } from '../support/cli.ts';
import { parseLines, presently } from '../support/cli.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { SourceProcess } from '../support/source-process.ts';
import { STANDALONE, startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { traceFile } from '../support/trace.ts';

jest.setTimeout(400_000);
const directory = temporaryDirectory();
const KILLS = 10;
const ROUNDS_MAX = 5;
const FIRST_LIFE_MS = 10;

/** How many announcements two independent implementations make of a known trace. */
const KNOWN: Record<string, number> = { 'irc-2012-10.ndjson.gz': 246_742 };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Without what is just being printed. */
const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf('\n') + 1);

/** Offsets at which the server went on with the first partition, by its own word. */
const startsOf = ({ errors }: SourceProcess): number[] =>
  parseLines<{ event: string; partition?: number; from?: number }>(wholeLines(errors))
    .filter(({ event, partition }) => event === 'projector.partition.assigned' && partition === 0)
    .map(({ from }) => from ?? -1);

/** The log of a server that has ended. */
const openLog = (data: string): LmdbLog => LmdbLog.open({ directory: data, clock: new MovableClock() });

test('a replay prints the same bytes each time', async () => {
  const file = traceFile();
  const [first, second] = [await presently('replay', file), await presently('replay', file)];
  expect(sha256(second)).toBe(sha256(first));
  const lines = parseLines<ReplayLine>(first);
  expect(lines.length).toBeGreaterThan(10_000);
  expect(lines).toHaveLength(KNOWN[basename(file)] ?? lines.length);
  const isInOrder = lines.every((line, index) => {
    const before = lines[index - 1];
    return before === undefined || before.ts < line.ts || (before.ts === line.ts && before.user_id <= line.user_id);
  });
  expect(isInOrder).toBe(true);
});

test(`the same file imported and folded by a projector that is killed ${KILLS} times gives the same`, async () => {
  const file = traceFile();
  let data = '';
  let starts: number[] = [];
  // All of it takes a moment only: on a busy machine it may be over before the first kill. Then it begins anew.
  for (let round = 0; round < ROUNDS_MAX && new Set(starts).size < 3; round++) {
    data = join(directory.path(), `round-${round}`);
    await presently('import', file, '--data', data);
    starts = await killed(data);
  }
  const server = await startStandalone(data);
  await server.ready();
  expect(await server.process.kill('SIGTERM')).toBe(0);
  expect(new Set(starts).size).toBeGreaterThanOrEqual(3); // else it was never killed on its way

  const replayed = await presently('replay', '--log', '--data', data);
  const log = openLog(data);
  await expectSameAsFile(file, replayed, log);
  await log.close();
});

/** Starts a server and kills it, again and again. Returns where each began. */
async function killed(data: string): Promise<number[]> {
  const log = openLog(data);
  const { next: end } = await log.range('events', 0);
  await log.close();
  const starts: number[] = [];
  let lifeMs = FIRST_LIFE_MS;
  for (let kill = 0; kill < KILLS; kill++) {
    const process = new SourceProcess(STANDALONE, ['--data', data, '--port', '0']);
    while (startsOf(process).length === 0) await wait(1);
    await wait(lifeMs);
    await process.kill('SIGKILL');
    const [start = 0] = startsOf(process);
    // Lives grow until they are long enough to get anywhere, which differs by machine.
    if (start === starts.at(-1) && start < end) lifeMs *= 2;
    starts.push(start);
  }
  return starts;
}
