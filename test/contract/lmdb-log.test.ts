import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { messageLogContract } from './message-log-contract.ts';
import type { OpenLog } from './open-log.ts';
import { MovableClock } from '../support/movable-clock.ts';

const open: OpenLog = ({ partitionCount = 2, kind = 'live' } = {}) => {
  const directory = mkdtempSync(join(tmpdir(), 'presently-lmdb-'));
  const clock = new MovableClock();
  let log = LmdbLog.open({ directory, clock, partitionCount, kind });
  return Promise.resolve({
    log,
    moveClock: (ms: number) => clock.move(ms),
    compact: () => Promise.resolve(), // it compacts at each write
    reopen: async () => {
      await log.close();
      log = LmdbLog.open({ directory, clock });
      return log;
    },
    dispose: async () => {
      await log.close();
      rmSync(directory, { recursive: true, force: true });
    },
  });
};

messageLogContract('the embedded log', open);
