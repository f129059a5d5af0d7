import type { Case } from './given.ts';
import { played } from './given.ts';

describe('a connection that no source vouches for (semantics, section 2, unheardForMs)', () => {
  test.each<Case>([
    {
      clause: 'lasts for ever by default',
      given: '0 c d1',
      when: '1e9 tick',
      told: ['60 online last 0', '300 unavailable last 0'],
    },
    {
      clause: 'ends with its device when that was not heard of for so long',
      given: '0 policy.set unheardForMs 100; 0 c d1',
      when: '99.999 tick; 100 tick',
      told: ['60 online last 0', '100 offline last 0'],
      leaves: 'last 0',
    },
    {
      clause: 'is kept by whatever is heard of the device',
      given: '0 policy.set unheardForMs 100; 0 c d1; 90 device.presence d1 online',
      when: '189.999 tick; 190 tick',
      told: ['190 offline last 0'],
    },
    {
      clause: 'keeps a device beyond its lease',
      given: '0 policy.set unheardForMs 100; 0 c d1; 0 c d1 ttl 50',
      when: '99 tick; 100 tick',
      told: ['60 online last 0', '100 offline last 0'],
    },
    {
      clause: 'does not shorten the life of a device whose other connection has a source',
      given: '0 policy.set unheardForMs 40; 0 source.alive g ttl 50; 0 c d1 via c1; 0 c d1 via c2 of g',
      when: '79 tick; 80 tick',
      told: ['60 online last 0', '80 offline last 0'],
    },
    {
      clause: 'leaves the device at least offlineAfterMs',
      given: '0 policy.set unheardForMs 10; 0 c d1',
      when: '29 tick; 30 tick',
      told: ['30 offline last 0'],
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});
