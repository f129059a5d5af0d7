import { CatchUp } from '#delivery/catch-up';
import { Hub } from '#delivery/hub';
import { PresenceView } from '#delivery/presence-view';
import { Fold } from '#domain/fold';
import { checkpointRecord } from '#domain/state-records';
import { LogUnavailableError } from '#message-log/errors';
import { MemoryLog } from '#message-log/memory/memory-log';
import { MovableClock } from '../../../test/support/movable-clock.ts';

const EVENT = { key: '@a:x', value: '{}', partition: 1 };

function stage() {
  const clock = new MovableClock();
  const log = new MemoryLog({ logId: 'log', partitionCount: 2, clock });
  const view = new PresenceView(2, { membersMax: 10, excluded: new Set() });
  const hub = new Hub(view, clock, 0);
  const fold = (next: number): void =>
    hub.checkpoint(1, { ...checkpointRecord('log', new Fold().checkpoint()), next: [next, 0] });
  return { clock, log, fold, catchUp: new CatchUp(log, hub, clock) };
}

/** Lets what is due happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('it waits for what is in the log, of the partitions that are asked for', async () => {
  const { log, fold, catchUp } = stage();
  await log.append('events', [EVENT, EVENT]);
  await catchUp.reachEnd([0], 1_000);
  let isReached = false;
  const reached = catchUp.reachEnd([0, 1, 1], 1_000).then(() => (isReached = true));
  fold(1);
  await settle();
  expect(isReached).toBe(false);
  fold(2);
  await reached;
});

test('what takes too long is a 503 for who asks, and no failure for who wrote', async () => {
  const { clock, log, catchUp } = stage();
  const written = await log.append('events', [EVENT]);
  const end = catchUp.reachEnd([1], 1_000);
  const own = catchUp.reachWritten(written, 1_000);
  await settle();
  clock.move(1_000);
  await expect(end).rejects.toMatchObject({ status: 503, more: { retryAfterMs: expect.any(Number) } });
  expect(await own).toBe(false);
});

test('what was written is reached with its last record in each partition', async () => {
  const { log, fold, catchUp } = stage();
  const written = await log.append('events', [EVENT, EVENT, EVENT]);
  fold(3);
  expect(await catchUp.reachWritten(written, 0)).toBe(true);
});

test('a log that cannot be asked is a 503', async () => {
  const { log, catchUp } = stage();
  log.range = () => Promise.reject(new LogUnavailableError('The log is away.'));
  await expect(catchUp.reachEnd([0], 1_000)).rejects.toMatchObject({ status: 503, message: 'The log is away.' });
});
