import { presenceContent } from '#domain/m-presence';
import type { Case } from './given.ts';
import { given, played } from './given.ts';

describe('an announcement is made (semantics, section 5)', () => {
  test.each<Case>([
    {
      clause: 'when presence differs',
      given: '0 c d1',
      when: '5 device.presence d1 unavailable',
      told: ['5 unavailable last 0'],
    },
    {
      clause: 'when the status differs',
      given: '0 c d1',
      when: '5 status.set "hi"',
      told: ['5 online active "hi" last 0'],
    },
    { clause: 'when currently_active ends', given: '0 c d1', when: '60 tick', told: ['60 online last 0'] },
    {
      clause: 'when currently_active begins',
      given: '0 c d1; 60 tick',
      when: '70 a d1',
      told: ['70 online active last 70'],
    },
    {
      clause: 'when somebody who is not active was active for the first time',
      given: '0 c d1 unavailable',
      when: '5 status.set online',
      told: ['5 unavailable last 5'],
    },
    {
      clause: 'when somebody who is not active was active more than activeForMs after what was told',
      given: '0 c d1; 5 device.presence d1 unavailable',
      when: '70 status.set online ts 60.001',
      told: ['70 unavailable last 60.001'],
    },
    {
      clause: 'for an event and what it removes only once',
      given: '0 c d1',
      when: '50 x d1 ts 10',
      told: ['50 offline last 0'],
    },
    {
      clause: 'once for all that falls due for a user at one instant',
      given: '0 policy.set idleAfterMs 60 activeForMs 30; 0 a d1 ttl 60; 0 c d2 ttl 60; 30 a d2 ts 0',
      when: '60 tick',
      told: ['60 offline last 0'],
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});

describe('a change is silent', () => {
  test.each<Case>([
    {
      clause: 'while the user stays active: the last active time moves, and a read has it',
      given: '0 c d1',
      when: '30 a d1; 61 a d1',
      told: [],
      leaves: 'last 61; d1 online@0 active@61 seen@61 (d1)',
    },
    {
      clause: 'while the last active time of who is not active moves by activeForMs or less',
      given: '0 c d1; 5 device.presence d1 unavailable',
      when: '70 status.set online ts 60',
      told: [],
      leaves: 'last 60; d1 unavailable@5 active@0 seen@5 (d1)',
    },
    {
      clause: 'when a second device comes or goes',
      given: '0 c d1',
      when: '1 c d2; 2 x d2 reason logout',
      told: [],
      leaves: 'last 1; d1 online@0 active@0 seen@0 (d1)',
    },
    {
      clause: 'when one of two devices falls idle',
      given: '0 c d1; 50 c d2',
      when: '300 tick',
      told: ['110 online last 50'],
    },
    {
      clause: 'when somebody who hides comes and goes',
      given: '0 status.set offline',
      when: '1 c d1; 2 x d1; 40 tick',
      told: [],
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });

  test('but the user is written all the same', () => {
    const scene = given('0 c d1');
    scene.take(30, { type: 'device.active', user_id: '@u', device_id: 'd1' });
    const { users, announcements } = scene.drain();
    expect([[...users].map((user) => user.id), announcements]).toEqual([['@u'], []]);
  });
});

describe('announcements come', () => {
  test('with their deadline as their time, however late that was noticed', () => {
    expect(given('0 c d1').when('9000 status.set "back"')).toEqual([
      '60 online last 0',
      '300 unavailable last 0',
      '9000 unavailable "back" last 0',
    ]);
  });

  test('in order of time, and at one instant in the order of the user ids', () => {
    const log = given('0 c d1 by @b; 1 c d1 by @c; 1 c d1 by @a; 1 c d1 by @B; 2 c d1 by @0');
    expect(log.when('70 tick')).toEqual([
      '60 @b online last 0',
      '61 @B online last 1',
      '61 @a online last 1',
      '61 @c online last 1',
      '62 @0 online last 2',
    ]);
  });

  test('before the event of the record at whose time they fall due', () => {
    expect(given('0 c d1').when('60 a d1')).toEqual(['60 online last 0', '60 online active last 60']);
  });
});

describe('log time', () => {
  test('never goes back, and events of an earlier timestamp happen at it', () => {
    expect(given('100 tick').when('50 c d1; 100 tick; 101 tick')).toEqual(['100 online active last 100']);
  });

  test('goes on without a record when asked to, but not back', () => {
    const { fold } = given('0 c d1');
    fold.advanceTo(60_000);
    fold.advanceTo(10_000);
    expect([fold.logTime, fold.drain().announcements.length]).toEqual([60_000, 1]);
  });
});

test('last_active_ago is what has passed at the moment of answering, and never less than 0', () => {
  const state = { presence: 'online', currentlyActive: true, lastActiveTs: 5_000, statusMsg: 'hi' } as const;
  const content = { presence: 'online', currently_active: true, status_msg: 'hi' };
  expect(presenceContent(state, 7_000)).toEqual({ ...content, last_active_ago: 2_000 });
  expect(presenceContent(state, 4_000)).toEqual({ ...content, last_active_ago: 0 });
});
