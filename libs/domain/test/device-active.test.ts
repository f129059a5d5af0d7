import type { Case } from './given.ts';
import { played } from './given.ts';

describe('device.active (semantics, section 4)', () => {
  test.each<Case>([
    {
      clause: 'makes the device, online and seen when it happened',
      when: '20 a d1 ts 5',
      told: ['20 online active last 5'],
      leaves: 'last 5; d1 online@5 active@5 seen@5',
    },
    {
      clause: 'is of the device "default" if it names none',
      when: '5 a',
      told: ['5 online active last 5'],
      leaves: 'last 5; default online@5 active@5 seen@5',
    },
    {
      clause:
        'that happened offlineAfterMs ago or more makes a device that is gone at once, and tells when it was active',
      when: '40 a d1 ts 10',
      told: ['40 offline last 10'],
      leaves: 'last 10',
    },
    {
      clause: 'that happened less than offlineAfterMs ago leaves its device for the rest of that time',
      when: '39.999 a d1 ts 10; 40 tick',
      told: ['39.999 online active last 10', '40 offline last 10'],
    },
    {
      clause: 'with ttl_ms leases the device from now on, however late it comes',
      when: '100 a d1 ts 10 ttl 5; 105 tick',
      told: ['100 online last 10', '105 offline last 10'],
    },
    {
      clause: 'with ttl_ms prolongs a lease',
      given: '0 a d1 ttl 10',
      when: '5 a d1 ttl 20',
      told: [],
      leaves: 'last 5; d1 online@0 active@5 seen@5 lease@25',
    },
    {
      clause: 'with ttl_ms never shortens a lease',
      given: '0 a d1 ttl 100',
      when: '5 a d1 ttl 20',
      told: [],
      leaves: 'last 5; d1 online@0 active@5 seen@5 lease@100',
    },
    {
      clause: 'opens and closes no connection',
      given: '0 c d1 via c1',
      when: '5 a d1',
      told: [],
      leaves: 'last 5; d1 online@0 active@5 seen@5 (c1)',
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});

describe('a bump (semantics, section 3)', () => {
  const idle = '0 c d1; 10 device.presence d1 unavailable';
  const away = '0 c d1; 10 status.set unavailable';
  test.each<Case>([
    {
      clause: '1: moves the times of the device forward',
      given: '0 c d1',
      when: '7 a d1 ts 5',
      told: [],
      leaves: 'last 5; d1 online@0 active@5 seen@5 (d1)',
    },
    {
      clause: '1: never moves them back',
      given: '0 c d1; 7 a d1',
      when: '9 a d1 ts 5',
      told: [],
      leaves: 'last 7; d1 online@0 active@7 seen@7 (d1)',
    },
    {
      clause: '2: outranks an earlier "I am idle", and leaves its time',
      given: idle,
      when: '20 a d1',
      told: ['20 online active last 20'],
      leaves: 'last 20; d1 online@10 active@20 seen@20 (d1)',
    },
    {
      clause: '2: outranks an "I am idle" of the same instant',
      given: idle,
      when: '20 a d1 ts 10',
      told: ['20 online active last 10'],
      leaves: 'last 10; d1 online@10 active@10 seen@10 (d1)',
    },
    {
      clause: '2: does not outrank a later "I am idle"',
      given: idle,
      when: '20 a d1 ts 9.999',
      told: [],
      leaves: 'last 9.999; d1 unavailable@10 active@9.999 seen@10 (d1)',
    },
    {
      clause: '3: brings back a user who had set unavailable, on any of their devices',
      given: away,
      when: '20 a d2',
      told: ['20 online active last 20'],
      leaves: 'last 20; d1 online@0 active@0 seen@0 (d1); d2 online@20 active@20 seen@20',
    },
    {
      clause: '3: brings them back by activity of the same instant',
      given: away,
      when: '20 a d1 ts 10',
      told: ['20 online active last 10'],
      leaves: 'last 10; d1 online@0 active@10 seen@10 (d1)',
    },
    {
      clause: '3: does not bring them back by activity before it, which counts all the same',
      given: away,
      when: '20 a d1 ts 9.999',
      told: [],
      leaves: 'manual unavailable@10; last 9.999; d1 online@0 active@9.999 seen@9.999 (d1)',
    },
    {
      clause: '4: of a user who hides moves the device, and not the user',
      given: '0 c d1; 10 status.set offline',
      when: '20 a d1',
      told: [],
      leaves: 'manual offline@10; last 0; d1 online@0 active@20 seen@20 (d1)',
    },
    {
      clause: '4: never moves the last active time of the user back',
      given: '0 c d1; 7 a d1',
      when: '9 a d2 ts 5',
      told: [],
      leaves: 'last 7; d1 online@0 active@7 seen@7 (d1); d2 online@5 active@5 seen@5',
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});
