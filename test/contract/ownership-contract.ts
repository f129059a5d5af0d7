import { FencedError } from '#message-log/errors';
import type { CommitRecord, MessageLog } from '#message-log/message-log';
import type { LogUnderTest, OpenLog } from './open-log.ts';
import { Follower, readAll, readValues } from './reading.ts';

const state = (key: string, value: string | null): CommitRecord => ({ topic: 'state', key, value });

/** What every adapter promises of those who write what follows from the events: all or nothing, fenced, the latest kept. */
export function ownershipContract(open: OpenLog): void {
  let opened: LogUnderTest;
  let log: MessageLog;
  beforeEach(async () => {
    opened = await open({ partitionCount: 2 });
    ({ log } = opened);
  });
  afterEach(() => opened.dispose());

  /** The state of a partition without what the log writes there for itself: its id and the ownership markers. */
  const stateOf = async (partition: number): Promise<string[]> =>
    (await readAll(log, 'state', partition))
      .filter(({ key }) => key !== 'log' && key?.startsWith('owner|') === false)
      .map(({ key, value }) => `${key}=${value?.toString() ?? 'null'}`);

  test('a commit writes all its records to the owned partition, in order', async () => {
    const owner = await log.own(1);
    await owner.commit([state('a', '1'), { topic: 'dead-letters', key: null, value: 'bad' }, state('b', '2')]);
    expect(await stateOf(1)).toEqual(['a=1', 'b=2']);
    expect(await readValues(log, 'dead-letters', 1)).toEqual(['bad']);
    expect(await stateOf(0)).toEqual([]);
  });

  test('a commit says where it ends: all that came before is there, and what comes later is not', async () => {
    const owner = await log.own(0);
    const next = await owner.commit([
      state('a', '1'),
      { topic: 'dead-letters', key: null, value: 'bad' },
      state('b', '2'),
    ]);
    expect(next).toBeGreaterThan(owner.restoreTo);
    const later = await owner.commit([state('c', '3')]);
    const offsets = new Map((await readAll(log, 'state', 0)).map(({ key, offset }) => [key, offset]));
    expect(offsets.get('b')).toBe(next - 1);
    expect(offsets.get('c')).toBe(later - 1);
    expect(await owner.commit([{ topic: 'dead-letters', key: null, value: 'bad' }])).toBeGreaterThanOrEqual(later);
  });

  test('all that earlier owners wrote lies before the restore’s end', async () => {
    const first = await log.own(0);
    for (let n = 0; n < 10; n++) await first.commit([state(`key ${n}`, `${n}`)]);
    const second = await log.own(0);
    const last = (await readAll(log, 'state', 0)).filter(({ key }) => key === 'key 9').at(-1);
    expect(last?.offset).toBeLessThan(second.restoreTo);
    expect((await log.range('state', 0)).next).toBeGreaterThanOrEqual(second.restoreTo);
  });

  test('a new owner fences the old one: nothing of a commit of it is written, ever', async () => {
    const zombie = await log.own(0);
    await zombie.commit([state('a', 'old')]);
    const owner = await log.own(0);
    await expect(zombie.commit([state('a', 'zombie'), state('b', 'zombie')])).rejects.toThrow(FencedError);
    await owner.commit([state('a', 'new')]);
    await expect(zombie.commit([state('c', 'zombie')])).rejects.toThrow(FencedError);
    const written = await stateOf(0);
    expect(written.at(-1)).toBe('a=new');
    expect(written.filter((text) => text.endsWith('zombie'))).toEqual([]);
  });

  test('owners of other partitions are not fenced', async () => {
    const [one, other] = [await log.own(0), await log.own(1)];
    await other.commit([state('a', '1')]);
    await one.commit([state('a', '0')]);
    expect([await stateOf(0), await stateOf(1)]).toEqual([['a=0'], ['a=1']]);
  });

  test('a follower never sees part of a commit before the rest is there', async () => {
    const owner = await log.own(0);
    const { next } = await log.range('state', 0);
    const follower = new Follower(log, 'state', 0, next);
    const size = 700;
    for (let commit = 0; commit < 5; commit++) {
      await owner.commit(Array.from({ length: size }, (_, n) => state(`${commit} ${n}`, 'x')));
    }
    await follower.until(5 * size);
    await follower.stop();
    for (const { records, end } of follower.batches) {
      const last = records.at(-1);
      const [commit] = (last?.key ?? '').split(' ');
      const rest = (await readAll(log, 'state', 0, (last?.offset ?? 0) + 1)).filter(({ key }) =>
        key?.startsWith(`${commit} `),
      );
      expect(rest.every(({ offset }) => offset < end)).toBe(true);
    }
  });

  test('compaction keeps the latest record of every key, and may forget tombstones', async () => {
    const owner = await log.own(0);
    for (let n = 0; n < 20; n++) await owner.commit([state(`key ${n % 3}`, `${n}`), state('checkpoint', `${n}`)]);
    await owner.commit([state('key 0', null)]);
    await opened.compact();
    const latest = new Map((await stateOf(0)).map((text) => text.split('=') as [string, string]));
    expect([latest.get('key 1'), latest.get('key 2'), latest.get('checkpoint')]).toEqual(['19', '17', '19']);
    expect(latest.get('key 0') ?? 'null').toBe('null');
  });

  test('many small commits, not waited for, are all written in order', async () => {
    const owner = await log.own(0);
    await Promise.all(Array.from({ length: 50 }, (_, n) => owner.commit([state(`key ${n}`, `${n}`)])));
    expect(await stateOf(0)).toEqual(Array.from({ length: 50 }, (_, n) => `key ${n}=${n}`));
  });

  test('what was acknowledged is there after a restart, and old owners stay fenced', async () => {
    if (opened.reopen === null) return;
    await log.append('events', [{ key: null, value: 'event', partition: 0 }]);
    const before = await log.own(0);
    await before.commit([state('a', '1')]);
    const { logId } = log;
    log = await opened.reopen();
    expect(log.logId).toBe(logId);
    expect([await readValues(log, 'events', 0), await stateOf(0)]).toEqual([['event'], ['a=1']]);
    await (await log.own(0)).commit([state('b', '2')]);
    expect(await stateOf(0)).toEqual(['a=1', 'b=2']);
  });
}
