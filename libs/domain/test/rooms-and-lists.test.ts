import { given } from './given.ts';

interface TieCase {
  readonly clause: string;
  readonly log: string;
  /** The user's ties after it; positions are the places of the records in the log. */
  readonly ties: readonly string[];
}

describe('rooms (semantics, section 4)', () => {
  test.each<TieCase>([
    { clause: 'who joined is a member', log: '1 room.joined !r', ties: ['member !r from 0'] },
    {
      clause: 'joining again changes nothing',
      log: '1 room.joined !r; 2 room.joined !r',
      ties: ['member !r from 0'],
    },
    {
      clause: 'who left was a member until then',
      log: '1 room.joined !r; 2 room.left !r',
      ties: ['member !r from 0 to 1 at 2'],
    },
    {
      clause: 'leaving again changes nothing',
      log: '1 room.joined !r; 2 room.left !r; 3 room.left !r',
      ties: ['member !r from 0 to 1 at 2'],
    },
    {
      clause: 'who joins again is a member from then on',
      log: '1 room.joined !r; 2 room.left !r; 3 room.joined !r',
      ties: ['member !r from 2 after 0 to 1'],
    },
    {
      clause: 'of who came and went often, the first beginning and the last end are remembered',
      log: '1 room.joined !r; 2 room.left !r; 3 room.joined !r; 4 room.left !r; 5 room.joined !r; 6 room.left !r',
      ties: ['member !r from 4 after 0 to 3 to 5 at 6'],
    },
    {
      clause: 'of who left a day ago, nothing is remembered',
      log: '1 room.joined !r; 2 room.left !r; 86402 room.joined !r',
      ties: ['member !r from 2'],
    },
    {
      clause: 'rooms are apart',
      log: '1 room.joined !r; 2 room.joined !s; 3 room.left !r',
      ties: ['member !r from 0 to 2 at 3', 'member !s from 1'],
    },
  ])('$clause', ({ log, ties }) => {
    expect(given(log).ties()).toEqual(ties);
  });

  test('leaving a room that was never joined leaves nobody', () => {
    expect(given('1 room.left !r').leaves()).toBe('nobody');
  });
});

describe('presence lists (semantics, section 6)', () => {
  test.each<TieCase>([
    { clause: 'an invitation stands', log: '1 list.invited @v i1', ties: ['invite @v i1 from 0'] },
    {
      clause: 'the same invitation again changes nothing',
      log: '1 list.invited @v i1; 2 list.invited @v i1',
      ties: ['invite @v i1 from 0'],
    },
    {
      clause: 'a fresh invitation takes the place of the one that stood',
      log: '1 list.invited @v i1; 2 list.invited @v i2',
      ties: ['invite @v i2 from 1 after 0 to 1'],
    },
    {
      clause: 'dropping it ends it',
      log: '1 list.invited @v i1; 2 list.dropped @v i1',
      ties: ['invite @v i1 from 0 to 1 at 2'],
    },
    {
      clause: 'dropping another one ends nothing',
      log: '1 list.invited @v i1; 2 list.dropped @v i2',
      ties: ['invite @v i1 from 0'],
    },
    {
      clause: 'an invitation that was dropped can be made again',
      log: '1 list.invited @v i1; 2 list.dropped @v i1; 3 list.invited @v i1',
      ties: ['invite @v i1 from 2 after 0 to 1'],
    },
    { clause: 'an acceptance stands', log: '1 list.accepted @v i1', ties: ['answer @v i1 from 0'] },
    {
      clause: 'the same acceptance again changes nothing',
      log: '1 list.accepted @v i1; 2 list.accepted @v i1',
      ties: ['answer @v i1 from 0'],
    },
    {
      clause: 'the last one accepted counts',
      log: '1 list.accepted @v i1; 2 list.accepted @v i2',
      ties: ['answer @v i2 from 1 after 0 to 1'],
    },
    {
      clause: 'a later denial of the one accepted revokes it',
      log: '1 list.accepted @v i1; 2 list.denied @v i1',
      ties: ['answer @v i1 from 0 to 1 at 2'],
    },
    {
      clause: 'revoking again changes nothing',
      log: '1 list.accepted @v i1; 2 list.denied @v i1; 3 list.denied @v i1',
      ties: ['answer @v i1 from 0 to 1 at 2'],
    },
    {
      clause: 'a denial of another one leaves the one accepted, and is told',
      log: '1 list.accepted @v i1; 2 list.denied @v i2',
      ties: ['answer @v i1 from 0 denied i2 in 1'],
    },
    {
      clause: 'a denial of one never accepted is told, and nothing stands',
      log: '1 list.denied @v i1',
      ties: ['answer @v from 0 to 0 at 1 denied i1 in 0'],
    },
    {
      clause: 'the same denial again changes nothing',
      log: '1 list.denied @v i1; 2 list.denied @v i1',
      ties: ['answer @v from 0 to 0 at 1 denied i1 in 0'],
    },
    {
      clause: 'a denial after a revocation leaves its time, and is told',
      log: '1 list.accepted @v i1; 2 list.denied @v i1; 3 list.denied @v i2',
      ties: ['answer @v i1 from 0 to 1 at 2 denied i2 in 2'],
    },
    {
      clause: 'a revocation leaves an earlier denial',
      log: '1 list.accepted @v i1; 2 list.denied @v i2; 3 list.denied @v i1',
      ties: ['answer @v i1 from 0 to 2 at 3 denied i2 in 1'],
    },
    {
      clause: 'who denied can accept after all',
      log: '1 list.denied @v i1; 2 list.accepted @v i1',
      ties: ['answer @v i1 from 1 after 0 to 0'],
    },
    {
      clause: 'a denial is remembered, so that nobody is asked twice',
      log: '1 list.denied @v i1; 86402 list.denied @v i1; 900000 tick',
      ties: ['answer @v from 0 to 0 at 1 denied i1 in 0'],
    },
    {
      clause: 'a revocation, too',
      log: '1 list.accepted @v i1; 2 list.denied @v i1; 86403 list.denied @v i1; 900000 tick',
      ties: ['answer @v i1 from 0 to 1 at 2'],
    },
    {
      clause: 'until a new invitation is accepted',
      log: '1 list.denied @v i1; 86402 list.accepted @v i2',
      ties: ['answer @v i2 from 1 after 0 to 0'],
    },
    {
      clause: 'a new account of the same id soon after has the denials of the old one, and keeps them',
      log: '1 list.denied @v i1; 2 list.accepted @w i2; 3 user.removed; 86402 c d1; 900000 tick',
      ties: ['answer @v from 0 to 0 at 1 denied i1 in 0', 'answer @w i2 from 1 to 2 at 3'],
    },
    {
      clause: 'but a day after it has none',
      log: '1 list.denied @v i1; 2 list.accepted @w i2; 3 user.removed; 86403 c d1',
      ties: [],
    },
    {
      clause: 'one can follow and be followed, and each is apart',
      log: '1 list.invited @v i1; 2 list.accepted @v i2; 3 list.dropped @v i1',
      ties: ['invite @v i1 from 0 to 2 at 3', 'answer @v i2 from 1'],
    },
  ])('$clause', ({ log, ties }) => {
    expect(given(log).ties()).toEqual(ties);
  });

  test('dropping an invitation that was never made leaves nobody', () => {
    expect(given('1 list.dropped @v i1').leaves()).toBe('nobody');
  });
});

describe('rooms and lists', () => {
  const log = '2 room.joined !r; 3 room.left !r; 4 list.invited @v i1; 5 list.accepted @v i1; 6 list.denied @v i1';

  test('leave presence untouched', () => {
    const scene = given('0 c d1; 1 status.set unavailable');
    const before = scene.leaves();
    expect(scene.when(log)).toEqual([]);
    expect(scene.leaves()).toBe(before);
  });

  test('say nothing of who was never heard of otherwise', () => {
    const scene = given('');
    expect(scene.when(log)).toEqual([]);
    expect(scene.leaves()).toBe('last never');
  });

  test('say where in the partition each thing became true, after what fell due before it', () => {
    const scene = given('0 c d1 by @a; 0 c d1 by @b; 300 room.joined !r');
    expect(scene.user().ties.member?.get('!r')?.since).toEqual({ offset: 2, step: 4 });
  });
});
