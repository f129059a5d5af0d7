import { ARCHIVE_POLICY, changePolicy, LIVE_POLICY } from '#domain/policy';
import type { Case } from './given.ts';
import { given, played } from './given.ts';

describe('policy.set (semantics, sections 2 and 4)', () => {
  test.each<Case>([
    {
      clause: 'makes idle, at its own time, who has been idle by the new policy',
      given: '0 c d1; 100 tick',
      when: '200 policy.set idleAfterMs 90',
      told: ['200 unavailable last 0'],
    },
    {
      clause: 'makes online, at its own time, who is not idle yet by the new policy',
      given: '0 c d1; 400 tick',
      when: '410 policy.set idleAfterMs 500; 500 tick',
      told: ['410 online last 0', '500 unavailable last 0'],
    },
    {
      clause: 'ends being active earlier',
      given: '0 c d1',
      when: '50 policy.set activeForMs 40',
      told: ['50 online last 0'],
    },
    {
      clause: 'makes active for longer',
      given: '0 c d1; 70 tick',
      when: '80 policy.set activeForMs 100; 100 tick',
      told: ['80 online active last 0', '100 online last 0'],
    },
    {
      clause: 'can make that nobody is ever active',
      given: '0 policy.set activeForMs 0',
      when: '1 c d1',
      told: ['1 online last 1'],
    },
    {
      clause: 'takes at its own time the device whose time is over by the new policy',
      given: '0 c d1; 1 x d1',
      when: '20 policy.set offlineAfterMs 10',
      told: ['20 offline last 0'],
    },
    {
      clause: 'leaves a device longer',
      given: '0 c d1; 1 x d1',
      when: '20 policy.set offlineAfterMs 50; 50 tick; 51 tick',
      told: ['51 offline last 0'],
    },
    {
      clause: 'takes at its own time what a source held, and cannot by the new policy',
      given: '0 source.alive g ttl 5; 1 c d1 of g',
      when: '20 policy.set offlineAfterMs 10',
      told: ['20 offline last 1'],
    },
    {
      clause: 'takes what a source holds when its time comes by the new policy',
      given: '0 source.alive g ttl 15; 1 c d1 of g',
      when: '20 policy.set offlineAfterMs 10; 24 tick; 25 tick',
      told: ['25 offline last 1'],
    },
    {
      clause: 'leaves what a source holds longer',
      given: '0 source.alive g ttl 5; 1 c d1 of g',
      when: '20 policy.set offlineAfterMs 50; 54 tick; 55 tick',
      told: ['55 offline last 1'],
    },
    {
      clause: 'looks at everybody, in the order of their ids',
      given: '0 c d1 by @b; 0 c d1 by @a; 0 c d1 by @c; 50 a d1 by @c',
      when: '80 policy.set idleAfterMs 70',
      told: ['60 @a online last 0', '60 @b online last 0', '80 @a unavailable last 0', '80 @b unavailable last 0'],
    },
    {
      clause: 'is in force for what comes after it',
      given: '0 policy.set idleAfterMs 20 activeForMs 10 offlineAfterMs 5',
      when: '1 c d1; 12 x d1; 17 tick',
      told: ['1 online active last 1', '11 online last 1', '17 offline last 1'],
    },
    {
      clause: 'comes after what fell due at its instant by the old policy',
      given: '0 c d1',
      when: '60 policy.set activeForMs 100',
      told: ['60 online last 0', '60 online active last 0'],
    },
    {
      clause: 'is refused if activeForMs is not less than idleAfterMs, and changes nothing',
      given: '0 c d1',
      when: '1 policy.set idleAfterMs 60 offlineAfterMs 1; 2 policy.set activeForMs 300; 299 x d1; 300 tick',
      told: ['60 online last 0', '300 unavailable last 0'],
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });

  test('changes the values that it names', () => {
    const scene = given('0 policy.set idleAfterMs 100 unheardForMs 7');
    expect(scene.fold.policy).toEqual({ ...ARCHIVE_POLICY, idleAfterMs: 100_000, unheardForMs: 7_000 });
  });

  test('leaves what is null as it was', () => {
    const scene = given('0 policy.set sourceTtlMs 7');
    scene.take(1, { type: 'policy.set', idleAfterMs: null, sourceTtlMs: null });
    expect(scene.fold.policy).toEqual({ ...ARCHIVE_POLICY, sourceTtlMs: 7_000 });
  });

  test('does not change what a "what if" holds fast', () => {
    const scene = given('0 policy.set idleAfterMs 100 activeForMs 20', { policyOverride: { idleAfterMs: 50_000 } });
    expect(scene.fold.policy).toEqual({ ...ARCHIVE_POLICY, idleAfterMs: 50_000, activeForMs: 20_000 });
  });
});

describe('a policy', () => {
  test('is, in replays and archives, what the table of section 2 says', () => {
    const values = { idleAfterMs: 300_000, activeForMs: 60_000, offlineAfterMs: 30_000, sourceTtlMs: 30_000 };
    expect(ARCHIVE_POLICY).toEqual({ ...values, unheardForMs: 0 });
    expect(LIVE_POLICY).toEqual({ ...values, unheardForMs: 86_400_000 });
  });

  test('whose values do not go together is refused with a sentence', () => {
    expect(changePolicy(ARCHIVE_POLICY, { idleAfterMs: 60_000 })).toBe(
      'activeForMs (60000) must be less than idleAfterMs (60000)',
    );
  });
});
