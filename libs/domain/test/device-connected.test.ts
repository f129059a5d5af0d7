import type { Case } from './given.ts';
import { given, played } from './given.ts';

describe('device.connected (semantics, section 4)', () => {
  test.each<Case>([
    {
      clause: 'makes the device, and saying online is activity',
      when: '5 c d1',
      told: ['5 online active last 5'],
      leaves: 'last 5; d1 online@5 active@5 seen@5 (d1)',
    },
    {
      clause: 'may say that the new device is unavailable: it is there, and was never active',
      when: '5 c d1 unavailable',
      told: ['5 unavailable last never'],
      leaves: 'last never; d1 unavailable@5 active@never seen@5 (d1)',
    },
    {
      clause: 'is of the device "default" if it names none, and of a connection named as the device',
      when: '5 c',
      told: ['5 online active last 5'],
      leaves: 'last 5; default online@5 active@5 seen@5 (default)',
    },
    {
      clause: 'makes a new device active when it happened, and seen now',
      when: '50 c d1 ts 20',
      told: ['50 online active last 20'],
      leaves: 'last 20; d1 online@50 active@20 seen@50 (d1)',
    },
    {
      clause: 'of the future happened now',
      when: '5 c d1 ts 900',
      told: ['5 online active last 5'],
      leaves: 'last 5; d1 online@5 active@5 seen@5 (d1)',
    },
    {
      clause: 'opens a second connection beside the first',
      given: '0 c d1 via c1',
      when: '5 c d1 via c2',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@5 (c1, c2)',
    },
    {
      clause: 'with ttl_ms leases the device, opens no connection, and ignores the source',
      when: '5 c d1 via c1 of g ttl 20',
      told: ['5 online active last 5'],
      leaves: 'last 5; d1 online@5 active@5 seen@5 lease@25',
    },
    {
      clause: 'with ttl_ms closes no connection',
      given: '0 c d1',
      when: '5 c d1 ttl 20',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@5 lease@25 (d1)',
    },
    {
      clause: 'with ttl_ms prolongs a lease',
      given: '0 c d1 ttl 10',
      when: '5 c d1 ttl 20',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@5 lease@25',
    },
    {
      clause: 'with ttl_ms never shortens a lease',
      given: '0 c d1 ttl 100',
      when: '5 c d1 ttl 20',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@5 lease@100',
    },
    {
      clause: 'without ttl_ms leaves the lease alone',
      given: '0 c d1 ttl 100',
      when: '5 c d1',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@5 lease@100 (d1)',
    },
    {
      clause: 'hands a connection from none to a source',
      given: '0 c d1 via c1; 0 c d1 via c2',
      when: '5 c d1 via c1 of g',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@5 (c2, c1 of g)',
    },
    {
      clause: 'hands a connection from a source to none',
      given: '0 c d1 of g',
      when: '5 c d1; 100 tick',
      told: ['60 online last 0'],
      leaves: 'last 0; d1 online@0 active@0 seen@5 (d1)',
    },
    {
      clause: 'that says again what is declared already is no activity',
      given: '0 c d1',
      when: '299 c d1; 301 tick',
      told: ['60 online last 0', '300 unavailable last 0'],
      leaves: 'last 0; d1 online@0 active@0 seen@299 (d1)',
    },
    {
      clause: 'that says anew that the device is idle makes it idle',
      given: '0 c d1',
      when: '5 c d1 unavailable',
      told: ['5 unavailable last 0'],
      leaves: 'last 0; d1 unavailable@5 active@0 seen@5 (d1)',
    },
    {
      clause: 'that says idle again changes nothing',
      given: '0 c d1 unavailable',
      when: '5 c d1 unavailable',
      told: [],
      leaves: 'last never; d1 unavailable@0 active@never seen@5 (d1)',
    },
    {
      clause: 'that says anew that the device is online is activity, at its own time',
      given: '0 c d1 unavailable',
      when: '100 c d1 ts 50',
      told: ['100 online active last 50'],
      leaves: 'last 50; d1 online@100 active@50 seen@100 (d1)',
    },
    {
      clause: 'that says anew, but too late, that the device is online tells of the activity and leaves it idle',
      given: '0 c d1 unavailable',
      when: '400 c d1 ts 50',
      told: ['400 unavailable last 50'],
      leaves: 'last 50; d1 online@400 active@50 seen@400 (d1)',
    },
    {
      clause: 'of a second device does not touch the first',
      given: '0 c d1',
      when: '5 c d2',
      told: [],
      leaves: 'last 5; d1 online@0 active@0 seen@0 (d1); d2 online@5 active@5 seen@5 (d2)',
    },
    {
      clause: 'of a device that has been gone makes it anew',
      given: '0 c d1; 1 x d1; 31 tick',
      when: '40 c d1 unavailable',
      told: ['40 unavailable last 0'],
      leaves: 'last 0; d1 unavailable@40 active@never seen@40 (d1)',
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });

  test('gives no lease to a source that it names beside a ttl_ms', () => {
    expect(given('5 c d1 of g ttl 20').sources()).toEqual({});
  });
});
