import type { PresenceEvent } from '#domain/events';
import { decodeEvent } from '#domain/events';
import type { CrowdOptions } from '#standalone/demo/crowd';
import { CATCH_UP_MS_MAX, Crowd } from '#standalone/demo/crowd';
import { START_AT } from './crowd-log.ts';

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

function makeCrowd(options: Partial<CrowdOptions> = {}): Crowd {
  return new Crowd({ seed: 1, startAt: START_AT, users: 60, sourceId: 'one', ...options });
}

/** What the crowd tells from the start on, asked every `stepMs`. */
function told(crowd: Crowd, ms: number, stepMs: number): PresenceEvent[] {
  const events: PresenceEvent[] = [];
  for (let now = START_AT + stepMs; now <= START_AT + ms; now += stepMs) events.push(...crowd.eventsUntil(now));
  return events;
}

describe('a crowd', () => {
  test('is the same for the same seed, and another for another', () => {
    const life = (crowd: Crowd): PresenceEvent[] => [...crowd.opening(), ...told(crowd, HOUR, 10_000)];
    expect(life(makeCrowd())).toEqual(life(makeCrowd()));
    expect(life(makeCrowd({ seed: 2 }))).not.toEqual(life(makeCrowd()));
  });

  test('tells the same however often it is asked', () => {
    const often = told(makeCrowd(), HOUR, 500);
    expect(often.length).toBeGreaterThan(300);
    expect(told(makeCrowd(), HOUR, CATCH_UP_MS_MAX)).toEqual(often);
  });

  test('says when to ask it next: before then there is nothing', () => {
    const crowd = makeCrowd();
    const events: PresenceEvent[] = [];
    let asked = 0;
    for (; crowd.nextAt() <= START_AT + HOUR; asked++) {
      const next = crowd.nextAt();
      expect(crowd.eventsUntil(next - 1)).toEqual([]);
      events.push(...crowd.eventsUntil(next));
      expect(crowd.nextAt()).toBeGreaterThan(next);
    }
    expect(events).toEqual(told(makeCrowd(), HOUR, 500));
    expect(asked).toBeLessThan(3 * events.length);
  });

  test('tells only what ingest takes, with whole times in order, none before it happened', () => {
    const crowd = makeCrowd({ users: 300 });
    const opening = crowd.opening();
    const events = told(crowd, 12 * HOUR, 30_000);
    expect([...opening, ...events].map(decodeEvent).filter((decoded) => 'refused' in decoded)).toEqual([]);
    expect(opening.every(({ ts }) => ts != null && ts <= START_AT)).toBe(true);
    const times = events.map(({ ts }) => ts ?? NaN);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(START_AT);
    expect(times.at(-1)).toBeLessThanOrEqual(START_AT + 12 * HOUR);
  });

  test('hangs all its connections on its source', () => {
    const crowd = makeCrowd();
    const connected = [...crowd.opening(), ...told(crowd, HOUR, 10_000)].filter(
      (event) => event.type === 'device.connected',
    );
    expect(connected.length).toBeGreaterThan(60);
    expect(new Set(connected.map((event) => event.source_id))).toEqual(new Set(['one']));
  });

  test('leaves out a long pause, and goes on after it as if it had not been', () => {
    const crowd = makeCrowd({ users: 2_000 });
    told(crowd, HOUR, 10_000);
    expect(crowd.eventsUntil(START_AT + WEEK)).toEqual([]);
    expect(crowd.nextAt()).toBeGreaterThan(START_AT + WEEK - 1_000);
    const events = crowd.eventsUntil(START_AT + WEEK + 10_000);
    expect(events.length).toBeGreaterThan(0);
    expect(events.length).toBeLessThan(500);
    expect(events.every(({ ts }) => ts != null && ts > START_AT + WEEK - 1_000)).toBe(true);
  });

  test('goes on when the clock was set back', () => {
    const crowd = makeCrowd();
    told(crowd, HOUR, 10_000);
    expect(crowd.eventsUntil(START_AT - WEEK)).toEqual([]);
    const events = crowd.eventsUntil(START_AT - WEEK + CATCH_UP_MS_MAX);
    expect(events.length).toBeGreaterThan(0);
    expect(events.every(({ ts }) => ts != null && ts <= START_AT - WEEK + CATCH_UP_MS_MAX)).toBe(true);
  });

  test('tells a bounded lot, even the largest at its latest', () => {
    const crowd = makeCrowd({ users: 100_000 });
    expect(crowd.eventsUntil(START_AT + CATCH_UP_MS_MAX).length).toBeLessThan(20_000);
    expect(crowd.eventsUntil(START_AT + WEEK)).toEqual([]);
  });
});
