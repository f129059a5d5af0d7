import { jest } from '@jest/globals';
import { presently } from '../support/cli.ts';
import { LIVE_SETTINGS, playLive } from '../support/live-load.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { traceFile } from '../support/trace.ts';

jest.setTimeout(180_000);
const directory = temporaryDirectory();

test('live traffic: subscribers get an ordered subsequence, ending in the fold’s state, also when they are cut', async () => {
  const file = traceFile();
  const server = await startStandalone(directory.path(), { env: LIVE_SETTINGS });
  await server.ready();
  await playLive({
    file,
    ingest: server,
    delivery: [server],
    rate: 12_000,
    endAndReplay: async () => {
      expect(await server.process.kill('SIGTERM')).toBe(0);
      return presently('replay', '--log', '--data', directory.path());
    },
  });
});
