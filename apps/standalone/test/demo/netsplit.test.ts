import type { PresenceEvent } from '#domain/events';
import type { Announcement } from '#domain/state';
import { Crowd } from '#standalone/demo/crowd';
import { CrowdLog, START_AT } from './crowd-log.ts';

const MINUTE = 60_000;
const HALF_DAY = 12 * 60 * MINUTE;
const USERS = 200;
const OFFLINE_AFTER_MS = 30_000;
/** So long after a netsplit everybody is back. */
const BACK_AFTER_MS = 12 * MINUTE;

interface Netsplit {
  readonly at: number;
  readonly cut: Set<string>;
}

/** How a netsplit looked to others of whom it put offline: their states before, and the first after. */
interface Return {
  readonly before: Announcement['presence'];
  readonly after: Announcement | undefined;
}

describe('netsplits of a crowd', () => {
  const log = new CrowdLog();
  const events = log.live(
    new Crowd({ seed: 1, startAt: START_AT, users: USERS, sourceId: 'one' }),
    'one',
    START_AT,
    HALF_DAY,
  );
  const splits = netsplits(events).filter(({ at }) => at < START_AT + HALF_DAY - BACK_AFTER_MS);
  const announcements = byUser(log);

  function returns({ at, cut }: Netsplit): Return[] {
    return [...cut].flatMap((userId) => {
      const of = announcements.get(userId) ?? [];
      const offline = of.findIndex(({ ts, presence }) => ts === at + OFFLINE_AFTER_MS && presence === 'offline');
      // Who has another device on another server stays.
      if (offline < 1) return [];
      return [{ before: of[offline - 1]?.presence ?? 'offline', after: of[offline + 1] }];
    });
  }

  test('come now and then, the first while one is still watching', () => {
    expect(splits.length).toBeGreaterThan(10);
    expect(splits[0]?.at).toBeLessThan(START_AT + 8 * MINUTE);
  });

  test('put many offline at one instant', () => {
    const sizes = splits.map((split) => returns(split).length).sort((a, b) => a - b);
    expect(sizes[0]).toBeGreaterThan(USERS / 20);
    expect(sizes.at(-1)).toBeGreaterThan(USERS / 8);
  });

  test('are over within minutes', () => {
    for (const split of splits) {
      const back = returns(split).map(({ after }) => (after?.ts ?? Infinity) - split.at);
      expect(Math.max(...back)).toBeLessThan(BACK_AFTER_MS);
      const long = back.filter((ms) => ms > MINUTE);
      expect(long.length).toBeGreaterThan(back.length / 2); // else it was but a flicker
    }
  });

  test('bring back as idle who was idle: a client that comes back by itself is no activity', () => {
    const idle = splits.flatMap(returns).filter(({ before }) => before === 'unavailable');
    expect(idle.length).toBeGreaterThan(100);
    const stillIdle = idle.filter(({ after }) => after?.presence === 'unavailable');
    // Some come with another device before.
    expect(stillIdle.length).toBeGreaterThan(0.9 * idle.length);
  });
});

function netsplits(events: readonly PresenceEvent[]): Netsplit[] {
  const splits = new Map<number, Netsplit>();
  for (const event of events) {
    if (event.type !== 'device.disconnected' || event.reason !== 'netsplit') continue;
    const at = event.ts ?? NaN;
    const split = splits.get(at) ?? { at, cut: new Set() };
    split.cut.add(event.user_id);
    splits.set(at, split);
  }
  return [...splits.values()];
}

function byUser(log: CrowdLog): Map<string, Announcement[]> {
  const all = new Map<string, Announcement[]>();
  for (const { userId, announcement } of log.announced) {
    const known = all.get(userId);
    if (known === undefined) all.set(userId, [announcement]);
    else known.push(announcement);
  }
  return all;
}
