import type { Case } from './given.ts';
import { played } from './given.ts';

describe('device.disconnected (semantics, section 4)', () => {
  test.each<Case>([
    { clause: 'of nobody does nothing', when: '5 x d1', told: [], leaves: 'nobody' },
    {
      clause: 'of a device that is not there does nothing',
      given: '0 c d1',
      when: '5 x d2',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@0 (d1)',
    },
    {
      clause: 'of the only connection sees the device for the last time',
      given: '0 c d1',
      when: '10 x d1',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@10',
    },
    {
      clause: 'is of the device "default" if it names none, and of a connection named as the device',
      given: '0 c',
      when: '10 x',
      told: [],
      leaves: 'last 0; default online@0 active@0 seen@10',
    },
    {
      clause: 'leaves the device until offlineAfterMs have passed',
      given: '0 c d1; 10 x d1',
      when: '39.999 tick; 40 tick',
      told: ['40 offline last 0'],
      leaves: 'last 0',
    },
    {
      clause: 'leaves another connection held by none',
      given: '0 c d1 via c1; 0 c d1 via c2',
      when: '10 x d1 via c1',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@0 (c2)',
    },
    {
      clause: 'leaves another connection of a source whose lease runs',
      given: '0 source.alive g ttl 15; 0 c d1 via c1; 0 c d1 via c2 of g',
      when: '14.999 x d1 via c1',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@0 (c2 of g)',
    },
    {
      clause: 'counts a connection of a source whose lease has ended as none',
      given: '0 source.alive g ttl 15; 0 c d1 via c1; 0 c d1 via c2 of g',
      when: '15 x d1 via c1',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@15 (c2 of g)',
    },
    {
      clause: 'of a connection that is not open closes none of the others',
      given: '0 c d1',
      when: '10 x d1 via c9',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@0 (d1)',
    },
    {
      clause: 'of a leased device ends the lease',
      given: '0 c d1 ttl 100',
      when: '10 x d1; 40 tick',
      told: ['40 offline last 0'],
    },
    {
      clause: 'leaves the lease while another connection is open',
      given: '0 c d1 ttl 100; 0 c d1; 0 c d1 via c2',
      when: '10 x d1',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@0 lease@100 (c2)',
    },
    {
      clause: 'for a logout removes the device at once, whatever else it has',
      given: '0 c d1 ttl 100; 0 c d1 via c1; 0 c d1 via c2',
      when: '10 x d1 via c1 reason logout',
      told: ['10 offline last 0'],
      leaves: 'last 0',
    },
    {
      clause: 'for a logout leaves the other devices',
      given: '0 c d1; 0 c d2',
      when: '10 x d1 reason logout',
      told: [],
      leaves: 'last 0; d2 online@0 active@0 seen@0 (d2)',
    },
    {
      clause: 'for any other reason is as if for none',
      given: '0 c d1',
      when: '10 x d1 reason error',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@10',
    },
    {
      clause: 'that comes late saw the device when it happened',
      given: '0 c d1',
      when: '20 x d1 ts 15',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@15',
    },
    {
      clause: 'that comes late does not unsee the device',
      given: '0 c d1; 10 c d1',
      when: '20 x d1 ts 5',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@10',
    },
    {
      clause: 'that comes too late removes the device at once, at log time',
      given: '0 c d1',
      when: '50 x d1 ts 10',
      told: ['50 offline last 0'],
      leaves: 'last 0',
    },
    {
      clause: 'of the future sees the device now',
      given: '0 c d1',
      when: '10 x d1 ts 900',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@10',
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});
