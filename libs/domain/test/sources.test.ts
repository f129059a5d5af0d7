import type { Case } from './given.ts';
import { given, played } from './given.ts';

describe('a source (semantics, sections 3 and 4)', () => {
  test.each<Case>([
    {
      clause: 'that a connection names, and that never said so itself, is alive for sourceTtlMs',
      given: '0 c d1 of g',
      when: '59.999 tick; 60 tick',
      told: ['60 offline last 0'],
    },
    {
      clause: 'with a running lease gets none by a connection',
      given: '0 source.alive g ttl 5; 4.999 c d1 of g',
      when: '34.999 tick; 35 tick',
      told: ['35 offline last 4.999'],
    },
    {
      clause: 'whose lease has just ended gets one by a connection',
      given: '0 source.alive g ttl 5; 5 c d1 of g',
      when: '64.999 tick; 65 tick',
      told: ['65 offline last 5'],
    },
    {
      clause: 'revived by a writer keeps what it still holds',
      given: '0 source.alive g ttl 5; 1 c d1 of g; 34 c d1 of g by @v',
      when: '93 tick; 94 tick',
      told: ['61 online last 1', '94 offline last 1', '94 @v offline last 34'],
    },
    {
      clause: 'revived by a writer has lost what it held too long ago',
      given: '0 source.alive g ttl 5; 1 c d1 of g; 35 c d1 of g by @v',
      when: '36 tick',
      told: [],
      leaves: 'last 1',
    },
    {
      clause: 'that was silent too long and speaks again in time has lost nothing',
      given: '0 source.alive g ttl 5; 1 c d1 of g',
      when: '34.999 source.alive g ttl 5; 69.998 tick; 69.999 tick',
      told: ['61 online last 1', '69.999 offline last 1'],
    },
    {
      clause: 'that speaks again at the very instant is too late',
      given: '0 source.alive g ttl 5; 1 c d1 of g',
      when: '35 source.alive g ttl 5',
      told: ['35 offline last 1'],
    },
    {
      clause: 'is alive for the longest of what it said',
      given: '0 source.alive g ttl 50; 1 c d1 of g; 2 source.alive g ttl 5',
      when: '79 tick; 80 tick',
      told: ['61 online last 1', '80 offline last 1'],
    },
    {
      clause: 'that is gone leaves its devices for offlineAfterMs',
      given: '0 source.alive g ttl 50; 1 c d1 of g; 10 source.gone g',
      when: '39.999 tick; 40 tick',
      told: ['40 offline last 1'],
    },
    {
      clause: 'that is gone twice was gone the first time',
      given: '0 source.alive g ttl 5; 1 c d1 of g; 20 source.gone g',
      when: '35 tick',
      told: ['35 offline last 1'],
    },
    {
      clause: 'that is gone and alive again was not gone',
      given: '0 source.alive g ttl 50; 1 c d1 of g; 10 source.gone g; 11 source.alive g ttl 50',
      when: '90.999 tick; 91 tick',
      told: ['61 online last 1', '91 offline last 1'],
    },
    {
      clause: 'does not take a device that another one holds',
      given: '0 source.alive g ttl 5; 0 source.alive h ttl 40; 1 c d1 via c1 of g; 1 c d1 via c2 of h',
      when: '69.999 tick; 70 tick',
      told: ['61 online last 1', '70 offline last 1'],
    },
    {
      clause: 'does not take a device that a connection of none holds',
      given: '0 source.alive g ttl 5; 1 c d1 via c1 of g; 1 c d1 via c2',
      when: '250 tick',
      told: ['61 online last 1'],
    },
    {
      clause: 'does not take a device that is leased longer',
      given: '0 source.alive g ttl 5; 1 c d1 of g; 2 a d1 ttl 100',
      when: '101 tick; 102 tick',
      told: ['62 online last 2', '102 offline last 2'],
    },
    {
      clause: 'that is gone early does not take a device that is leased longer',
      given: '0 source.alive g ttl 900; 1 c d1 of g; 2 a d1 ttl 200; 10 source.gone g',
      when: '201 tick; 202 tick',
      told: ['62 online last 2', '202 offline last 2'],
    },
    {
      clause: 'does not take a device that was seen later',
      given: '0 source.alive g ttl 5; 1 c d1 of g; 20 device.presence d1 online',
      when: '49.999 tick; 50 tick',
      told: ['50 offline last 1'],
    },
    {
      clause: 'takes all that it holds at one instant, each user once, in the order of their ids',
      given: '0 source.alive g ttl 5; 1 c d1 of g by @b; 1 c d1 of g by @c; 1 c d1 of g by @a; 1 c d2 of g by @b',
      when: '35 tick',
      told: ['35 @a offline last 1', '35 @b offline last 1', '35 @c offline last 1'],
    },
    {
      clause: 'lets go of a connection that closes',
      given: '0 source.alive g ttl 50; 1 c d1 of g; 10 x d1',
      when: '40 tick',
      told: ['40 offline last 1'],
    },
    {
      clause: 'lets go of a connection that another one takes',
      given: '0 source.alive g ttl 50; 0 source.alive h ttl 5; 1 c d1 of g; 2 c d1 of h',
      when: '35 tick',
      told: ['35 offline last 1'],
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });

  test('that holds nobody makes nothing happen', () => {
    expect(given('').when('0 source.gone g; 1 source.alive g ttl 5; 2 source.gone g; 100 tick')).toEqual([]);
  });

  test('keeps its lease when sourceTtlMs changes, and a new one gets the new one', () => {
    const scene = given('0 c d1 of g; 1 policy.set sourceTtlMs 100; 2 c d1 of h');
    expect(scene.sources()).toEqual({ g: 30, h: 102 });
  });

  test('is forgotten once it holds nobody and its lease has ended', () => {
    const scene = given('0 source.alive g ttl 5; 1 c d1 of g; 4 x d1 reason logout; 4.999 tick');
    expect(scene.sources()).toEqual({ g: 5 });
    scene.when('5 tick');
    expect(scene.sources()).toEqual({});
  });
});
