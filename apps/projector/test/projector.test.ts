import { Fold } from '#domain/fold';
import { LIVE_POLICY } from '#domain/policy';
import { checkpointRecord, RULES_VERSION } from '#domain/state-records';
import { LogConfigError } from '#message-log/errors';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { GroupMember, Membership, Ownership } from '#message-log/message-log';
import { Projector } from '#projector/projector';
import { silentLog } from '#runtime/log';
import { MovableClock } from '../../../test/support/movable-clock.ts';

const clock = new MovableClock();
const projectorOf = (log: MemoryLog): Projector =>
  new Projector({ log, clock, policy: LIVE_POLICY, logger: silentLog });
const options = { logId: 'log', partitionCount: 2, clock };
const tick = { key: null, value: JSON.stringify({ type: 'tick' }) };

/** A log whose group the test leads: it says which partitions are whose, and hands over what is in them. */
class LedLog extends MemoryLog {
  private member: GroupMember | null = null;
  private joined: () => void = () => undefined;
  private end: (error: Error) => void = () => undefined;

  /** The membership begins when the test says so. */
  override async join(_group: string, member: GroupMember): Promise<Membership> {
    this.member = member;
    await new Promise<void>((resolve) => (this.joined = resolve));
    const ended = new Promise<void>((_resolve, reject) => (this.end = reject));
    return { ended, leave: () => Promise.resolve() };
  }

  async begin(): Promise<void> {
    this.joined();
    await settled();
  }

  async fail(): Promise<void> {
    this.end(new Error('the broker is gone'));
    await settled();
  }

  assign(partition: number): Promise<number> | undefined {
    return this.member?.assigned(partition);
  }

  async revoke(partition: number): Promise<void> {
    await this.member?.revoked(partition);
  }

  /** Hands over the records from `from` on up to before `to`. */
  async hand(partition: number, from: number, to: number): Promise<void> {
    for await (const { records, end } of this.read('events', partition, from)) {
      const some = records.filter(({ offset }) => offset < to);
      await this.member?.batch(partition, { records: some, from, holes: 0, next: to, end });
      return;
    }
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a projector is caught up', () => {
  let log: LedLog;
  let projector: Projector;
  beforeEach(() => {
    log = new LedLog(options);
    projector = projectorOf(log);
    void projector.run();
  });

  const append = (partition: number, count: number): Promise<unknown> =>
    log.append(
      'events',
      Array.from({ length: count }, () => ({ ...tick, partition })),
    );

  test('not before it is in the group', async () => {
    expect(projector.isCaughtUp).toBe(false);
    await log.begin();
    expect(projector.isCaughtUp).toBe(true);
  });

  test('although it has no partition, as long as others have them all', async () => {
    await append(0, 1);
    await log.begin();
    await log.assign(0);
    expect(projector.isCaughtUp).toBe(false);
    await log.revoke(0);
    expect(projector.isCaughtUp).toBe(true);
  });

  test('not while a partition is starting', async () => {
    await log.begin();
    await log.assign(0);
    const starting = log.assign(1);
    expect(projector.isCaughtUp).toBe(false);
    await starting;
    expect(projector.isCaughtUp).toBe(true);
  });

  test('only when every partition has been folded to its end', async () => {
    await append(0, 2);
    await append(1, 2);
    await log.begin();
    await Promise.all([log.assign(0), log.assign(1)]);
    await log.hand(0, 0, 2);
    expect(projector.isCaughtUp).toBe(false);
    await log.hand(1, 0, 1);
    expect(projector.isCaughtUp).toBe(false);
    await log.hand(1, 1, 2);
    expect(projector.isCaughtUp).toBe(true);
  });

  test('and stays so under load', async () => {
    await log.begin();
    await log.assign(0);
    await append(0, 3);
    await log.hand(0, 0, 1);
    clock.move(2_000);
    expect(projector.lags()).toEqual([{ partition: 0, records: 2, seconds: 2 }]);
    expect(projector.isCaughtUp).toBe(true);
  });

  test('not with a partition that it gets again, and that has more now', async () => {
    await log.begin();
    await log.assign(0);
    await log.revoke(0);
    await append(0, 1);
    await log.assign(0);
    expect(projector.isCaughtUp).toBe(false);
    await log.hand(0, 0, 1);
    expect(projector.isCaughtUp).toBe(true);
  });

  test('not while it starts anew after a failure', async () => {
    await log.begin();
    await log.fail();
    expect(projector.isCaughtUp).toBe(false);
    clock.move(60_000);
    await settled();
    expect(projector.isCaughtUp).toBe(false);
    await log.begin();
    expect(projector.isCaughtUp).toBe(true);
  });
});

test('state that other rules made ends it, with what to do, and is not tried again', async () => {
  const log = new MemoryLog(options);
  const checkpoint = checkpointRecord(log.logId, new Fold().checkpoint());
  const owner = await log.own(1);
  const value = JSON.stringify({ ...checkpoint, rules: RULES_VERSION + 1 });
  await owner.commit([{ topic: 'state', key: 'checkpoint', value }]);
  const running = projectorOf(log).run();
  await expect(running).rejects.toThrow(LogConfigError);
  await expect(running).rejects.toThrow(/^The state was made by rules version 2, and this is version 1: /);
});

/** A log that does not answer a commit until it is told to. */
class SlowLog extends MemoryLog {
  goOn: () => void = () => undefined;
  private readonly released = new Promise<void>((resolve) => (this.goOn = resolve));

  override async own(partition: number): Promise<Ownership> {
    const owned = await super.own(partition);
    return { ...owned, commit: (records) => this.released.then(() => owned.commit(records)) };
  }
}

test('what waits for a commit that takes long is lag, and grows old', async () => {
  const log = new SlowLog({ ...options, partitionCount: 1 });
  await log.append('events', [{ ...tick, partition: 0 }]);
  const projector = projectorOf(log);
  const running = projector.run();
  await settled();
  clock.move(31_000);
  expect(projector.lags()).toEqual([{ partition: 0, records: 1, seconds: 31 }]);
  log.goOn();
  await settled();
  expect(projector.lags()).toEqual([{ partition: 0, records: 0, seconds: 0 }]);
  await projector.stop();
  await running;
});
