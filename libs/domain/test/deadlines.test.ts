import { SeededRandom } from '#runtime/clock/seeded-random';
import { Deadlines } from '#domain/deadlines';
import type { PresenceEvent } from '#domain/events';
import { Fold } from '#domain/fold';
import { LIVE_POLICY } from '#domain/policy';
import { given } from './given.ts';

interface Item {
  readonly name: string;
  deadlineAt: number;
}

const item = (name: string): Item => ({ name, deadlineAt: Infinity });

/** All that comes up, in order, with its time; stale entries as null. */
function takeAll(deadlines: Deadlines<Item>): [number, string | null][] {
  const taken: [number, string | null][] = [];
  for (let at = deadlines.peek(); at < Infinity; at = deadlines.peek())
    taken.push([at, deadlines.take()?.name ?? null]);
  return taken;
}

describe('deadlines', () => {
  test('come up in order of time', () => {
    const random = new SeededRandom(1);
    const times = Array.from({ length: 1_000 }, () => random.below(500));
    const deadlines = new Deadlines<Item>();
    times.forEach((at, i) => deadlines.schedule(item(`${i}`), at));
    const taken = takeAll(deadlines);
    expect(taken.map(([at]) => at)).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(taken.map(([, name]) => name)).size).toBe(1_000);
  });

  test('that are none have no time', () => {
    const deadlines = new Deadlines<Item>();
    expect([deadlines.peek(), deadlines.take(), deadlines.size]).toEqual([Infinity, null, 0]);
  });

  test('that move later leave their entry, to be looked at again', () => {
    const deadlines = new Deadlines<Item>();
    const moved = item('moved');
    deadlines.schedule(moved, 5);
    deadlines.schedule(moved, 9);
    expect(takeAll(deadlines)).toEqual([[5, 'moved']]);
    expect(moved.deadlineAt).toBe(Infinity);
  });

  test('that move earlier leave a stale entry, which comes up as nothing', () => {
    const deadlines = new Deadlines<Item>();
    const moved = item('moved');
    deadlines.schedule(moved, 9);
    deadlines.schedule(moved, 5);
    expect(takeAll(deadlines)).toEqual([
      [5, 'moved'],
      [9, null],
    ]);
  });

  test('come up once, although there is a second entry of the same time', () => {
    const deadlines = new Deadlines<Item>();
    const twice = item('twice');
    deadlines.schedule(twice, 9);
    deadlines.schedule(twice, 5);
    deadlines.take();
    deadlines.schedule(twice, 9);
    expect(takeAll(deadlines).filter(([, name]) => name !== null)).toEqual([[9, 'twice']]);
  });

  test('stay few and right, however often they move', () => {
    const random = new SeededRandom(2);
    const deadlines = new Deadlines<Item>();
    const items = Array.from({ length: 100 }, (_, i) => item(`${i}`));
    let sizeMax = 0;
    for (let now = 0; now < 50_000; now++) {
      const moved = random.pick(items);
      deadlines.schedule(moved, now + 500 + random.below(5_000));
      deadlines.schedule(moved, now + 1 + random.below(1_000));
      for (let at = deadlines.peek(); at <= now; at = deadlines.peek()) {
        const due = deadlines.take();
        if (due !== null) deadlines.schedule(due, now + 500 + random.below(5_000));
      }
      sizeMax = Math.max(sizeMax, deadlines.size);
    }
    expect(sizeMax).toBeLessThanOrEqual(4 * items.length + 64);
    const due = new Map(items.map(({ name, deadlineAt }) => [name, deadlineAt]));
    const left = takeAll(deadlines).filter(([, name]) => name !== null);
    const times = left.map(([at]) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Map(left.map(([at, name]) => [name, at]))).toEqual(due);
  });
});

test('deadlines that are put off to the same time again and again are dropped down to one entry each', () => {
  const deadlines = new Deadlines<Item>();
  const items = Array.from({ length: 100 }, (_, i) => item(`${i}`));
  const sizesAfterDrop = new Set<number>();
  const schedule = (moved: Item, at: number): void => {
    const before = deadlines.size;
    deadlines.schedule(moved, at);
    const live = items.filter(({ deadlineAt }) => deadlineAt < Infinity).length;
    if (deadlines.size < before) sizesAfterDrop.add(deadlines.size / live);
  };
  for (let now = 0; now < 20; now++) {
    for (const again of items) {
      schedule(again, now);
      deadlines.take();
      schedule(again, 1_000_000);
    }
  }
  expect([...sizesAfterDrop]).toEqual([1]);
});

describe('the fold keeps few deadlines', () => {
  test('of 100 users in 200,000 events over days, of which many are put off and brought forward', () => {
    const random = new SeededRandom(3);
    const fold = new Fold({ policy: LIVE_POLICY });
    let entriesMax = 0;
    for (let offset = 0; offset < 200_000; offset++) {
      const event: PresenceEvent = {
        type: random.pick(['device.connected', 'device.active', 'device.active', 'device.disconnected']),
        user_id: `@${random.below(100)}`,
        device_id: `d${random.below(2)}`,
        ...(random.chance(0.2) ? { source_id: `s${random.below(10)}` } : {}),
      };
      fold.apply({ offset, timestamp: offset * 4_000, decoded: { event } });
      entriesMax = Math.max(entriesMax, fold.deadlineEntries);
    }
    expect(fold.userCount).toBe(100);
    expect(entriesMax).toBeGreaterThan(50);
    expect(entriesMax).toBeLessThanOrEqual(4 * (100 + 10) + 64);
  });

  test('of a source that keeps 100,000 users, whom its renewals do not touch', () => {
    const users = 100_000;
    const fold = new Fold();
    const apply = (seconds: number, event: PresenceEvent): void =>
      fold.apply({ offset: fold.position.offset, timestamp: seconds * 1_000, decoded: { event } });
    const alive = { type: 'source.alive', source_id: 'g', ttl_ms: 15_000 } as const;
    for (let i = 0; i < users; i++) apply(0, { type: 'device.connected', user_id: `@${i}`, source_id: 'g' });
    for (let seconds = 5; seconds <= 300; seconds += 5) apply(seconds, alive);
    fold.drain();
    const walks = countWalks(fold.user('@7')?.devices[0]?.connections[0]?.source?.users ?? new Set());
    let entriesMax = 0;
    for (let n = 1; n <= 1_000; n++) {
      apply(300 + n * 5, alive);
      entriesMax = Math.max(entriesMax, fold.deadlineEntries);
    }
    expect(fold.drain().size).toBe(0);
    expect([entriesMax, walks.count]).toEqual([1, 0]);
    apply(5_345, { type: 'tick' });
    expect([fold.drain().announcements.length, walks.count]).toEqual([users, 1]);
  });
});

/** Counts how often a set is walked through from now on. */
function countWalks(set: ReadonlySet<unknown>): { count: number } {
  const walks = { count: 0 };
  const walk = set[Symbol.iterator].bind(set);
  Object.defineProperty(set, Symbol.iterator, { value: () => (walks.count++, walk()) });
  return walks;
}

describe('the next deadline', () => {
  test.each([
    ['is none at first', '', Infinity],
    ['is when activity wears off', '0 c d1', 60],
    ['is when the device falls idle', '0 c d1; 60 tick', 300],
    ['is none of an idle device that stays', '0 c d1; 300 tick', Infinity],
    ['is when a device is gone', '0 c d1; 1 x d1', 31],
    ['is when a lease ends', '0 a d1 ttl 50', 50],
    ['is when a source takes what it holds', '0 source.alive g ttl 5; 1 c d1 of g', 35],
    ['is put off by activity', '0 c d1; 50 a d1', 110],
    ['is put off by the source', '0 source.alive g ttl 5; 1 c d1 of g; 2 source.alive g ttl 20', 52],
    ['is brought forward by the source', '0 source.alive g ttl 90; 1 c d1 of g; 2 source.gone g', 32],
    ['is none of a source that holds nobody', '0 source.alive g ttl 5; 5 tick', Infinity],
    ['is none of an account that was removed', '0 c d1; 1 user.removed', Infinity],
  ])('%s', (_what, log, seconds) => {
    expect(given(log).fold.nextDeadlineAt()).toBe(seconds * 1_000);
  });
});
