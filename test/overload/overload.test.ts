import { jest } from '@jest/globals';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { lmdbStage } from './lmdb-stage.ts';
import { failuresOf } from './outcome.ts';
import { overload } from './run.ts';

jest.setTimeout(180_000);
const directory = temporaryDirectory();

/** What holds on any machine, however busy; `npm run overload` has those that count. */
const BOUNDS = { memoryMibMax: 1_024, stormMsMax: 60_000, recoveryMsMax: 60_000, freshMsMax: 30_000 };

test('offered more than it can take, it refuses the rest, loses nothing, lets a storm in, and is well again', async () => {
  const stage = await lmdbStage(directory.path());
  const outcome = await overload(stage, {
    seconds: 4,
    measureSeconds: 1,
    factor: 10,
    perSMin: 100_000,
    connections: 500,
    streams: 100,
    slow: 10,
  });
  expect(failuresOf(outcome, BOUNDS)).toEqual([]);
  expect(outcome.offered.answers['429']).toBeGreaterThan(0);
  expect(stage.ingest.process.errors).not.toMatch(/devices\.source\.lapsed|records\.lost|http\.failed/);
});

test('past the bound it is not ready, and says who is how far behind; once it has caught up, it is', async () => {
  const server = await startStandalone(directory.path(), { env: { PRESENTLY_READY_LAG_MS: '1' } });
  await server.ready();
  const event = (n: number): object => ({ type: 'device.active', user_id: `@u${n % 5_000}:load`, device_id: 'D' });
  let isPosting = true;
  const posting = Promise.all(
    Array.from({ length: 10 }, () => server.post(Array.from({ length: 10_000 }, (_, n) => event(n)))),
  ).finally(() => (isPosting = false));
  const told: string[] = [];
  while (isPosting) {
    const answer = await fetch(`${server.url}/readyz`);
    const text = await answer.text();
    if (!answer.ok) told.push(text);
  }
  const statuses = (await posting).map(({ status }) => status);
  expect(statuses).toContain(200); // some may have been too many
  expect(told[0]).toMatch(
    /the projector is [\d,]+ records and \d+ s behind in partition \d, and more than 0\.001 s is too/,
  );
  await server.ready();
});
