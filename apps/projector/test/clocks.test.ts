import { LIVE_POLICY } from '#domain/policy';
import type { UserRecord } from '#domain/state-records';
import { MemoryLog } from '#message-log/memory/memory-log';
import { logTimeFault } from '#projector/log-time';
import { Projector } from '#projector/projector';
import { silentLog } from '#runtime/log';
import { readAll } from '../../../test/contract/reading.ts';
import { MovableClock } from '../../../test/support/movable-clock.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 50;

/** A projector and a log, each with a clock of its own. */
class Stage {
  readonly brokers = new MovableClock();
  readonly own = new MovableClock();
  readonly log = new MemoryLog({ logId: 'log', partitionCount: 1, clock: this.brokers });
  readonly projector = new Projector({ log: this.log, clock: this.own, policy: LIVE_POLICY, logger: silentLog });

  async start(): Promise<void> {
    void this.projector.run();
    await settled();
  }

  async connect(): Promise<void> {
    const event = { type: 'device.connected', user_id: '@u:x', device_id: 'd' };
    await this.log.append('events', [{ key: '@u:x', value: JSON.stringify(event) }]);
    await settled();
  }

  async pass(seconds: number): Promise<void> {
    for (let left = seconds * 1_000; left > 0; left -= STEP_MS) {
      for (const clock of [this.brokers, this.own]) clock.move(STEP_MS);
      await settled();
    }
  }

  /** What was announced last. */
  async told(): Promise<string | undefined> {
    const users = (await readAll(this.log, 'state', 0)).filter(({ key }) => key === 'user|@u:x');
    const record = JSON.parse(String(users.at(-1)?.value)) as UserRecord;
    return record.announcement === null
      ? undefined
      : `${record.announcement.presence}${record.announcement.currently_active ? ' active' : ''}`;
  }

  async ticks(): Promise<number> {
    return (await readAll(this.log, 'events', 0)).filter(({ value }) => String(value).includes('"tick"')).length;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('deadlines come by the time of the log, though the clock of the projector', () => {
  test.each([
    ['is an hour behind', -HOUR_MS],
    ['is an hour ahead', HOUR_MS],
  ])('%s', async (_, skewMs) => {
    const stage = new Stage();
    stage.own.set(skewMs);
    await stage.start();
    await stage.connect();
    await stage.pass(59);
    expect(await stage.told()).toBe('online active');
    await stage.pass(2);
    expect(await stage.told()).toBe('online');
    expect(await stage.ticks()).toBeLessThanOrEqual(3);
  });

  test.each([
    ['is set back by an hour', -HOUR_MS],
    ['is set ahead by an hour', HOUR_MS],
  ])('%s meanwhile', async (_, skewMs) => {
    const stage = new Stage();
    await stage.start();
    await stage.connect();
    await stage.pass(61);
    stage.own.set(skewMs);
    await stage.pass(238);
    expect(await stage.told()).toBe('online');
    await stage.pass(2);
    expect(await stage.told()).toBe('unavailable');
    expect(await stage.ticks()).toBeLessThanOrEqual(5);
  });
});

test('log time that is ahead, because the brokers’ clock was, is told, and deadlines wait for it', async () => {
  const stage = new Stage();
  await stage.start();
  stage.brokers.set(HOUR_MS);
  await stage.connect();
  stage.brokers.set(-HOUR_MS);
  expect(stage.projector.logTimesAhead()).toEqual([{ partition: 0, ms: HOUR_MS }]);
  expect(logTimeFault(stage.projector.logTimesAhead())).toMatch(
    /^the time of partition 0 is 3600 s ahead of this machine's clock, /,
  );
  await stage.pass(120);
  expect(await stage.told()).toBe('online active');
  await stage.pass(HOUR_MS / 1_000 - 118);
  expect(logTimeFault(stage.projector.logTimesAhead())).toBeNull();
  await stage.pass(60);
  expect(await stage.told()).toBe('online');
});
