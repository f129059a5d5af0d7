import { jest } from '@jest/globals';
import { HostileServer } from '../support/hostile/hostile-server.ts';
import { killProcesses } from '../support/source-process.ts';
import { fuzz } from './fuzz.ts';

jest.setTimeout(120_000);

const COUNT = 5_000;

let hostile: HostileServer;
afterEach(async () => {
  await hostile?.stop();
  await killProcesses();
});

test('whatever is sent, every answer is one of ours, and what is refused changes nothing', async () => {
  hostile = await HostileServer.start('dev');
  const statuses = await fuzz(hostile, COUNT, Date.now() % 2 ** 31);
  expect(await hostile.faults()).toEqual([]);
  // Neither all refused at the door, nor nothing refused.
  for (const status of [200, 400, 401, 403, 404]) expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0]);
});
