import { expect, test } from '@jest/globals';
import type { Change } from '#client/index';
import { Roster } from '#client/roster';
import { Received } from '../src/people/received.ts';

let now = 0;
const clock = { now: () => now, after: () => () => undefined, random: () => 0 };

/** A page that watches; each change is told at a second of its own. */
function watching(max?: number) {
  const [roster, received] = [new Roster(clock), new Received(max)];
  now = 1_000;
  const content = { presence: 'online', currently_active: false, last_active_ago: 500 } as const;
  const frame = (user: string, status_msg: string) =>
    ({ type: 'm.presence', sender: user, content: { ...content, status_msg } }) as const;
  const take = (changes: readonly Change[]): void => {
    for (const change of changes) received.take(change, now);
    now += 1_000;
  };
  return { roster, received, take, frame };
}

const statuses = (received: Received, time: number): unknown =>
  Object.fromEntries([...received.at(time, now)].map(([userId, { statusMsg }]) => [userId, statusMsg]));

test('who was seen at a time, as they were then: only what was received since the first snapshot', () => {
  const { roster, received, take, frame } = watching();
  take(roster.take(frame('@a:x', 'before')));
  expect([received.since, received.at(now, now).size]).toEqual([null, 0]);
  received.begin(roster.users, now);
  take(roster.take(frame('@b:x', 'one')));
  take(roster.take(frame('@a:x', 'two')));
  take(roster.take({ type: 'forget', user_id: '@b:x' }));
  take([roster.reset('gone')]);
  take(roster.take(frame('@c:x', 'three')));
  expect([1_999, 2_000, 3_000, 4_000, 5_000, 6_000].map((time) => statuses(received, time))).toEqual([
    { '@a:x': 'before' },
    { '@a:x': 'before', '@b:x': 'one' },
    { '@a:x': 'two', '@b:x': 'one' },
    { '@a:x': 'two' },
    {},
    { '@c:x': 'three' },
  ]);
  expect(received.at(3_500, now).get('@a:x')?.lastActiveAgo).toBe(1_000); // told at 3 s, half a second after it was
});

test('of more changes than are kept the older half cannot be gone back to, and nothing else is lost', () => {
  const { roster, received, take, frame } = watching(10);
  received.begin(roster.users, now);
  for (let second = 1; second <= 11; second++) take(roster.take(frame('@a:x', `${second}`)));
  expect(received.since).toBe(5_000);
  expect([5_000, 6_000, 11_000].map((time) => statuses(received, time))).toEqual([
    { '@a:x': '5' },
    { '@a:x': '6' },
    { '@a:x': '11' },
  ]);
});
