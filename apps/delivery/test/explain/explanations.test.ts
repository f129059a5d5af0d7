import { MemoryLog } from '#message-log/memory/memory-log';
import type { MatrixError } from '#runtime/http/matrix-error';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { connected, removed, says } from '../folded-hub.ts';
import { ME, settle, Stage } from './stage.ts';

let stage: Stage;
let clock: MovableClock;
beforeEach(async () => {
  clock = new MovableClock();
  stage = await Stage.start(new MemoryLog({ logId: 'log', partitionCount: 1, clock }), clock);
});
afterEach(() => stage.end());

test('a node says what the fold would, with the leases of the last checkpoint', async () => {
  const said = await stage.explanations.of(ME);
  expect(said).toEqual(stage.byFold());
  expect(said).toMatchObject({
    presence: 'unavailable',
    status_msg: 'in the garden',
    rule: { name: 'set_unavailable' },
    devices: [
      { device_id: 'LAPTOP', state: 'online', held_by: 'source', connections: [{ source_lease_until: 94_000 }] },
      { device_id: 'PHONE', state: 'idle', held_by: 'lease', lease_until: 602_000 },
    ],
    manual: { presence: 'unavailable', at: 3_000 },
    last_announcement: { ts: 3_000, cause: { type: 'status.set' } },
    log: { partition: 0, offset: 3, next_offset: 5, log_time: 4_000, announced: { offset: 3, cause_offset: 3 } },
  });
});

test('nobody, and whose account was removed, is told of without a look into the log, or as the fold has it', async () => {
  expect(await stage.explanations.of('@nobody:x')).toEqual(stage.byFold('@nobody:x'));
  await stage.happen(removed(ME));
  expect(await stage.explanations.of(ME)).toEqual(stage.byFold());
});

test.each(['before', 'after'])(
  'a record that gives way to a newer one %s it is read is asked for anew',
  async (when) => {
    let changes = 3;
    const change = async (): Promise<void> => {
      if (changes-- > 0) await stage.happen(says(ME, `${changes}`), connected('@other:x'));
      if (when === 'after') await stage.caughtUp();
    };
    stage.follow = async (...args) => {
      if (when === 'before') await change();
      await stage.log.follow(...args);
      if (when === 'after') await change();
    };
    const said = await stage.explanations.of(ME);
    expect(said).toEqual(stage.byFold());
    expect(said.status_msg).toBe('0');
  },
);

test('a log that does not answer in time is 503, and meanwhile ten wait, and one more is told 429', async () => {
  stage.follow = (_topic, _from, _handler, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const all = Array.from({ length: 11 }, () =>
    stage.explanations.of(ME).catch((error: MatrixError) => error.getStatus()),
  );
  expect(await Promise.race(all)).toBe(429);
  for (const asked of all.slice(0, 10)) {
    await settle();
    clock.move(10_000);
    expect(await asked).toBe(503);
  }
});
