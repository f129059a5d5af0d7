import { given } from './given.ts';

describe('visibility.set (semantics, sections 4 and 7)', () => {
  test('until it comes, a user is shown to everyone and blocks nobody', () => {
    expect(given('0 c d1').user().visibility).toMatchObject({ showTo: 'everyone', blocked: [] });
  });

  test.each(['everyone', 'contacts', 'nobody'] as const)('sets whom the user is shown to: %s', (showTo) => {
    const scene = given(`0 visibility.set ${showTo} blocked @a,@b`);
    expect(scene.user().visibility).toMatchObject({ showTo, blocked: ['@a', '@b'] });
  });

  test('replaces all of the choice before it', () => {
    const scene = given('0 visibility.set nobody blocked @a,@b; 1 visibility.set contacts blocked @c');
    expect(scene.user().visibility).toMatchObject({ showTo: 'contacts', blocked: ['@c'] });
  });

  test('is a change once, and at its own place', () => {
    const scene = given('0 c d1');
    scene.take(1, { type: 'visibility.set', user_id: '@u', show_to: 'nobody', blocked: ['@a'] });
    expect(scene.drain().visibility).toEqual([
      {
        userId: '@u',
        choice: { showTo: 'nobody', blocked: ['@a'], at: { offset: 1, step: 0 } },
        before: { showTo: 'everyone', blocked: [], at: { offset: -1, step: 0 } },
      },
    ]);
    scene.take(2, { type: 'visibility.set', user_id: '@u', show_to: 'nobody', blocked: ['@a'] });
    expect(scene.drain().visibility).toEqual([]);
  });

  test('that says what holds anyway makes no user', () => {
    expect(given('0 visibility.set everyone').leaves()).toBe('nobody');
  });

  test('leaves presence untouched', () => {
    const scene = given('0 c d1');
    expect(scene.when('1 visibility.set nobody')).toEqual([]);
    expect(scene.leaves()).toBe('last 0; d1 online@0 active@0 seen@0 (d1)');
  });
});
