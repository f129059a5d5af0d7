import type { Case } from './given.ts';
import { given, played } from './given.ts';

describe('user.removed (semantics, section 4)', () => {
  test.each<Case>([
    {
      clause: 'drops devices, manual setting, status and last active time',
      given: '0 c d1; 1 status.set unavailable "hi"; 2 c d2 ttl 100 unavailable',
      when: '5 user.removed',
      told: ['5 offline last never'],
      leaves: 'nobody',
    },
    {
      clause: 'is told even if only the last active time is dropped, because nothing of the account is to stay',
      given: '0 c d1; 1 x d1; 31 tick',
      when: '40 user.removed',
      told: ['40 offline last never'],
    },
    {
      clause: 'drops the status of who is offline',
      given: '0 status.set "hi"',
      when: '5 user.removed',
      told: ['5 offline last never'],
    },
    { clause: 'is not told of who differs in nothing', given: '0 room.joined !r', when: '5 user.removed', told: [] },
    {
      clause: 'drops hiding',
      given: '0 status.set offline',
      when: '5 user.removed; 6 c d1',
      told: ['6 online active last 6'],
    },
    { clause: 'of nobody does nothing', when: '5 user.removed', told: [], leaves: 'nobody' },
    {
      clause: 'again does nothing',
      given: '0 c d1; 5 user.removed',
      when: '6 user.removed',
      told: [],
      leaves: 'nobody',
    },
    {
      clause: 'leaves no deadline behind',
      given: '0 c d1; 5 user.removed',
      when: '1000 tick',
      told: [],
    },
    {
      clause: 'leaves an id that can be used again, by a new account',
      given: '0 c d1; 1 status.set unavailable "hi"; 5 user.removed',
      when: '10 a d1; 40 tick',
      told: ['10 online active last 10', '40 offline last 10'],
      leaves: 'last 10',
    },
    {
      clause: 'leaves the others alone',
      given: '0 c d1; 0 c d1 by @v',
      when: '5 user.removed; 60 tick',
      told: ['5 offline last never', '60 @v online last 0'],
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });

  test('ends memberships and both halves of lists, but not what ended before', () => {
    const scene = given(
      '0 room.joined !r; 1 room.joined !s; 2 room.left !s; 3 list.invited @v i1; 4 list.accepted @v i2; 5 c d1',
    );
    scene.drain();
    scene.take(9, { type: 'user.removed', user_id: '@u' });
    const ended = scene.drain().ties.map(({ kind, other, tie }) => [kind, other, tie?.until, tie?.untilTs]);
    const at = { offset: 6, step: 0 };
    expect(ended).toEqual([
      ['member', '!r', at, 9_000],
      ['invite', '@v', at, 9_000],
      ['answer', '@v', at, 9_000],
    ]);
  });

  test('shows the user to everyone again', () => {
    const scene = given('0 visibility.set nobody blocked @v');
    scene.take(5, { type: 'user.removed', user_id: '@u' });
    expect(scene.drain().visibility).toMatchObject([{ choice: { showTo: 'everyone', blocked: [] } }]);
    expect(given('0 visibility.set nobody; 5 user.removed; 6 c d1').user().visibility.showTo).toBe('everyone');
  });

  test('ends ties, so that the new account has none of them', () => {
    const scene = given('0 room.joined !r; 1 list.invited @v i1; 5 user.removed; 6 c d1');
    expect(scene.ties().filter((tie) => !tie.includes(' to '))).toEqual([]);
  });

  test('is remembered as the last announcement of its id, also when that is used again', () => {
    const announced = given('0 c d1; 5 user.removed; 6 room.joined !r').user().announced;
    expect(announced).toMatchObject({ ts: 5_000, presence: 'offline', cause: { type: 'user.removed' } });
    expect(given('0 c d1; 5 user.removed; 86405 room.joined !r').user().announced).toBeNull();
  });

  test('lets go of the sources that held the devices', () => {
    const scene = given('0 source.alive g ttl 10; 1 c d1 of g; 20 tick');
    expect(scene.sources()).toEqual({ g: 10 });
    scene.when('21 user.removed');
    expect(scene.sources()).toEqual({});
  });
});
