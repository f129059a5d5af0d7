import { UNHEARD_OF } from '#domain/state';
import type { Relation, Sight } from '#domain/visibility';
import { roomConveys, seen, sightOf } from '#domain/visibility';

type Choice = Relation['choice']['showTo'];

/** What an observer sees of a user by what lies between them and by whom the user shows themselves to. */
const TABLE: readonly (readonly [between: string, choice: Choice | 'blocks', sight: Sight])[] = [
  ['nothing', 'everyone', 'nothing'],
  ['nothing', 'contacts', 'nothing'],
  ['nothing', 'nobody', 'nothing'],
  ['nothing', 'blocks', 'nothing'],
  ['a room', 'everyone', 'full'],
  ['a room', 'contacts', 'offline'],
  ['a room', 'nobody', 'offline'],
  ['a room', 'blocks', 'offline'],
  ['a list', 'everyone', 'full'],
  ['a list', 'contacts', 'full'],
  ['a list', 'nobody', 'offline'],
  ['a list', 'blocks', 'offline'],
  ['a room and a list', 'everyone', 'full'],
  ['a room and a list', 'contacts', 'full'],
  ['a room and a list', 'nobody', 'offline'],
  ['a room and a list', 'blocks', 'offline'],
];

describe('who sees whom (semantics, section 7)', () => {
  test.each(TABLE)('with %s between them, of somebody who shows to %s: %s', (between, choice, sight) => {
    const relation: Relation = {
      observer: '@me',
      observed: '@you',
      sharesRoom: between.includes('room'),
      follows: between.includes('list'),
      choice: {
        showTo: choice === 'blocks' ? 'everyone' : choice,
        blocked: choice === 'blocks' ? ['@x', '@me'] : ['@x'],
      },
    };
    expect(sightOf(relation)).toBe(sight);
  });

  test.each<Choice>(['everyone', 'contacts', 'nobody'])('everybody sees themselves, who show to %s', (showTo) => {
    const between = { sharesRoom: false, follows: false, choice: { showTo, blocked: ['@me'] } };
    expect(sightOf({ observer: '@me', observed: '@me', ...between })).toBe('full');
  });
});

test('who blocks or hides looks like an ordinary offline user, and who is not to be known like nobody', () => {
  const state = { presence: 'online', statusMsg: 'hi', currentlyActive: true, lastActiveTs: 5 } as const;
  expect(seen('full', state, UNHEARD_OF)).toBe(state);
  expect(seen('offline', state, UNHEARD_OF)).toEqual({
    presence: 'offline',
    statusMsg: null,
    currentlyActive: false,
    lastActiveTs: null,
  });
  expect(seen('offline', state, UNHEARD_OF)).toBe(UNHEARD_OF);
  expect(seen('nothing', state, UNHEARD_OF)).toBeNull();
});

test('a room conveys presence up to its cap of members, and not if it is excluded', () => {
  const policy = { membersMax: 3, excluded: new Set(['!excluded']) };
  expect([1, 3, 4].map((members) => roomConveys('!r', members, policy))).toEqual([true, true, false]);
  expect(roomConveys('!excluded', 1, policy)).toBe(false);
});
