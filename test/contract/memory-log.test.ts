import { MemoryLog } from '#message-log/memory/memory-log';
import { messageLogContract } from './message-log-contract.ts';
import type { OpenLog } from './open-log.ts';
import { MovableClock } from '../support/movable-clock.ts';

const open: OpenLog = ({ partitionCount = 2, kind = 'live' } = {}) => {
  const clock = new MovableClock();
  const log = new MemoryLog({ logId: 'memory', partitionCount, clock, kind });
  return Promise.resolve({
    log,
    moveClock: (ms: number) => clock.move(ms),
    compact: () => Promise.resolve(log.compact()),
    reopen: null,
    dispose: () => log.close(),
  });
};

messageLogContract('the log in memory', open);
