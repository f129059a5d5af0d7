import { LogUnavailableError } from '#message-log/errors';
import { MemoryLog } from '#message-log/memory/memory-log';
import { LogHealth } from '#service/writing/log-health';
import { MovableClock } from '../../../test/support/movable-clock.ts';

/** A log that answers when the test says so. */
class SlowLog extends MemoryLog {
  fail: (error: Error) => void = () => undefined;

  override range(): Promise<never> {
    return new Promise((_resolve, reject) => (this.fail = reject));
  }
}

const clock = new MovableClock();
const log = new SlowLog({ logId: 'log', partitionCount: 1, clock });
const gone = new LogUnavailableError('The log is gone.');

function asking(): LogHealth {
  const health = new LogHealth(log, clock);
  health.failed(gone);
  clock.move(1_000);
  expect([health.fault, clock.pending]).toEqual([gone.message, 0]);
  return health;
}

async function failsToAnswer(): Promise<void> {
  log.fail(gone);
  await new Promise((resolve) => setImmediate(resolve));
}

test('asks again as long as there is no answer', async () => {
  const health = asking();
  await failsToAnswer();
  expect([health.fault, clock.pending]).toEqual([gone.message, 1]);
  health.stop();
  expect(clock.pending).toBe(0);
});

test('does not take a log for gone that was written meanwhile', async () => {
  const health = asking();
  health.succeeded();
  await failsToAnswer();
  expect([health.fault, clock.pending]).toEqual([null, 0]);
});

test('asks no more once it is stopped, even if it was asking', async () => {
  const health = asking();
  health.stop();
  await failsToAnswer();
  expect(clock.pending).toBe(0);
});
