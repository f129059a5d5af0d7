import { partitionOf } from '#domain/partitioner';
import type { Appended, Batch, MessageLog } from '#message-log/message-log';
import type { LogUnderTest, OpenLog } from './open-log.ts';
import { Follower, readAll, readValues } from './reading.ts';

/** What every adapter promises of records: order, places, times, reading and following. */
export function recordsContract(open: OpenLog): void {
  let opened: LogUnderTest;
  let log: MessageLog;
  beforeEach(async () => {
    opened = await open({ partitionCount: 4 });
    ({ log } = opened);
  });
  afterEach(() => opened.dispose());

  test('a new log is empty', async () => {
    expect(log.partitionCount).toBe(4);
    expect(await log.range('events', 3)).toEqual({ first: 0, next: 0 });
    expect(await readAll(log, 'events', 3)).toEqual([]);
  });

  test('a partition is read in the order in which it was written, from any offset', async () => {
    const values = Array.from({ length: 2_500 }, (_, index) => `value ${index}`);
    const appended: Appended[] = [];
    for (let at = 0; at < values.length; at += 500) {
      const records = values.slice(at, at + 500).map((value) => ({ key: null, value, partition: 1 }));
      appended.push(...(await log.append('events', records)));
    }
    const records = await readAll(log, 'events', 1);
    expect(records.map(({ offset, timestamp }) => ({ partition: 1, offset, timestamp }))).toEqual(appended);
    expect(appended.every(({ offset }, index) => index === 0 || offset > (appended[index - 1]?.offset ?? 0))).toBe(
      true,
    );
    expect(await readValues(log, 'events', 1)).toEqual(values);
    expect(await readValues(log, 'events', 1, appended[1_234]?.offset)).toEqual(values.slice(1_234));
    const { first, next } = await log.range('events', 1);
    expect([first, next > (appended.at(-1)?.offset ?? 0)]).toEqual([0, true]);
    expect(await readAll(log, 'events', 1, next)).toEqual([]);
  });

  test('appends that are not waited for keep their order', async () => {
    const values = Array.from({ length: 200 }, (_, index) => `${index}`);
    await Promise.all(values.map((value) => log.append('events', [{ key: '@a:x', value }])));
    expect(await readValues(log, 'events', partitionOf('@a:x', 4))).toEqual(values);
  });

  test('a keyed record goes to the partition of its key, and says where it is', async () => {
    const keys = Array.from({ length: 50 }, (_, index) => `@ünser${index}:x`);
    const appended = await log.append(
      'events',
      keys.map((key) => ({ key, value: key })),
    );
    for (const [index, key] of keys.entries()) {
      const { partition, offset } = appended[index] ?? { partition: -1, offset: -1 };
      expect(partition).toBe(partitionOf(key, 4));
      const [record] = await readAll(log, 'events', partition, offset);
      expect([record?.key, record?.value?.toString()]).toEqual([key, key]);
    }
  });

  test('a named partition goes before the key', async () => {
    const other = (partitionOf('@a:x', 4) + 1) % 4;
    const appended = await log.append('events', [{ key: '@a:x', value: '1', partition: other }]);
    expect(appended.map(({ partition }) => partition)).toEqual([other]);
  });

  test.each([
    ['no key and no partition', { key: null, value: '1' }],
    ['a partition that is not there', { key: null, value: '1', partition: 4 }],
    ['a key that is too long', { key: 'k'.repeat(2_000), value: '1' }],
  ])('a record with %s is refused, and nothing of its request is written', async (_, bad) => {
    await expect(log.append('events', [{ key: '@a:x', value: '1' }, bad])).rejects.toThrow(RangeError);
    for (let partition = 0; partition < 4; partition++) expect(await readAll(log, 'events', partition)).toEqual([]);
  });

  test('keys and values come back as they were: none, empty, bytes, any text, large', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const large = 'x'.repeat(300_000);
    const values = [null, '', bytes, 'Grüße 🌱', large];
    await log.append(
      'dead-letters',
      values.map((value) => ({ key: 'ключ|%', value, partition: 0 })),
    );
    const records = await readAll(log, 'dead-letters', 0);
    expect(records.map(({ key }) => key)).toEqual(values.map(() => 'ключ|%'));
    expect(records.map(({ value }) => (value === null ? null : Buffer.from(value)))).toEqual([
      null,
      ...values.slice(1).map((value) => Buffer.from(value ?? '')),
    ]);
  });

  test('timestamps are the log’s own, and never go back', async () => {
    await log.append('events', [{ key: null, value: '1', partition: 0, timestamp: 5 }]);
    opened.moveClock?.(-3_600_000);
    await log.append('events', [{ key: null, value: '2', partition: 0, timestamp: 9 }]);
    opened.moveClock?.(7_200_000);
    await log.append('events', [{ key: null, value: '3', partition: 0 }]);
    const times = (await readAll(log, 'events', 0)).map(({ timestamp }) => timestamp);
    expect(times[0]).toBeGreaterThan(1_600_000_000_000);
    expect(times[1]).toBeGreaterThanOrEqual(times[0] ?? NaN);
    expect(times[2]).toBeGreaterThanOrEqual((times[1] ?? NaN) + (opened.moveClock === null ? 0 : 3_600_000));
  });

  test('a follower gets what was there and what comes, once, until it is stopped', async () => {
    await log.append(
      'events',
      [1, 2, 3].map((n) => ({ key: null, value: `${n}`, partition: 2 })),
    );
    const follower = new Follower(log, 'events', 2, 1);
    await follower.until(2);
    for (const n of [4, 5]) await log.append('events', [{ key: null, value: `${n}`, partition: 2 }]);
    await log.append('events', [{ key: null, value: 'elsewhere', partition: 1 }]);
    await follower.until(4);
    await follower.stop();
    await log.append('events', [{ key: null, value: 'too late', partition: 2 }]);
    expect(follower.values).toEqual(['2', '3', '4', '5']);
    let at = 1;
    for (const { records, from, holes, next, end } of follower.batches) {
      expect([from, holes]).toEqual([at, 0]);
      expect(next).toBeGreaterThan(records.at(-1)?.offset ?? -1);
      expect(end).toBeGreaterThanOrEqual(next);
      at = next;
    }
  });

  test('a follower of several partitions gets each in its order, from where it is to begin', async () => {
    const values = ['0', '1', '2', '3'];
    for (let partition = 0; partition < 4; partition++) {
      await log.append(
        'events',
        values.map((value) => ({ key: null, value: `${partition} ${value}`, partition })),
      );
    }
    const got = new Map<number, string[]>();
    const stop = new AbortController();
    const from = [0, 1, 3].map((partition) => ({ partition, offset: partition }));
    const take = (partition: number, { records }: Batch): Promise<void> => {
      got.set(partition, [...(got.get(partition) ?? []), ...records.map(({ value }) => value?.toString() ?? '')]);
      if ([...got.values()].flat().length >= 8) stop.abort();
      return Promise.resolve();
    };
    await log.follow('events', from, take, stop.signal);
    expect(Object.fromEntries(got)).toEqual({
      0: values.map((value) => `0 ${value}`),
      1: values.slice(1).map((value) => `1 ${value}`),
      3: ['3 3'],
    });
  });

  test('a follower is given the next batch only when it is done with the last', async () => {
    let atOnce = 0;
    let most = 0;
    let count = 0;
    const stop = new AbortController();
    const following = log.follow(
      'events',
      [{ partition: 0, offset: 0 }],
      async (_, { records }) => {
        most = Math.max(most, ++atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        atOnce--;
        count += records.length;
        if (count === 20) stop.abort();
      },
      stop.signal,
    );
    for (let n = 0; n < 20; n++) void log.append('events', [{ key: null, value: `${n}`, partition: 0 }]);
    await following;
    expect([most, count]).toEqual([1, 20]);
  });

  test('a handler that throws ends the following with its error', async () => {
    await log.append('events', [{ key: null, value: '1', partition: 0 }]);
    const failing = log.follow(
      'events',
      [{ partition: 0, offset: 0 }],
      () => Promise.reject(new Error('no more')),
      new AbortController().signal,
    );
    await expect(failing).rejects.toThrow('no more');
  });

  test('a closed log takes nothing, and says so', async () => {
    await log.close();
    await expect(log.append('events', [{ key: '@a:x', value: '1' }])).rejects.toThrow('closed');
  });

  test('an archive keeps the times that its records are given', async () => {
    const archive = await open({ partitionCount: 1, kind: 'archive' });
    try {
      expect(archive.log.kind).toBe('archive');
      const times = [1_000, 5_000, 5_000, 6_000];
      await archive.log.append(
        'events',
        times.map((timestamp) => ({ key: '@a:x', value: '1', timestamp })),
      );
      const records = await readAll(archive.log, 'events', 0);
      expect(records.map(({ timestamp }) => timestamp)).toEqual(times);
    } finally {
      await archive.dispose();
    }
  });
}
