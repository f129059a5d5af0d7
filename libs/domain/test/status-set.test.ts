import type { Case } from './given.ts';
import { played } from './given.ts';

describe('status.set with a presence (semantics, section 4)', () => {
  test.each<Case>([
    {
      clause: 'online makes a device that is new, and is activity',
      when: '5 status.set online d1',
      told: ['5 online active last 5'],
      leaves: 'last 5; d1 online@5 active@5 seen@5',
    },
    {
      clause: 'unavailable makes a device that is new, idle',
      when: '5 status.set unavailable d1',
      told: ['5 unavailable last never'],
      leaves: 'manual unavailable@5; last never; d1 unavailable@5 active@never seen@5',
    },
    {
      clause: 'offline makes no device',
      when: '5 status.set offline d1',
      told: [],
      leaves: 'manual offline@5; last never',
    },
    {
      clause: 'online makes the device it names online, as of now, and is activity at its own time',
      given: '0 c d1; 5 device.presence d1 unavailable',
      when: '20 status.set online d1 ts 3',
      told: ['20 online active last 3'],
      leaves: 'last 3; d1 online@20 active@3 seen@20 (d1)',
    },
    {
      clause: 'online again is activity (saying so again by device.connected is none)',
      given: '0 c d1',
      when: '10 status.set online d1',
      told: [],
      leaves: 'last 10; d1 online@10 active@10 seen@10 (d1)',
    },
    {
      clause: 'online without a device moves only the last active time of the user',
      given: '0 c; 5 device.presence unavailable',
      when: '20 status.set online ts 10',
      told: [],
      leaves: 'last 10; default unavailable@5 active@0 seen@5 (default)',
    },
    {
      clause: 'online without a device makes nobody online, but is told',
      when: '20 status.set online ts 10',
      told: ['20 offline last 10'],
      leaves: 'last 10',
    },
    {
      clause: 'online never moves a time back',
      given: '0 c d1; 10 a d1',
      when: '20 status.set online ts 5; 20 status.set online d1 ts 6',
      told: [],
      leaves: 'last 10; d1 online@20 active@10 seen@20 (d1)',
    },
    {
      clause: 'online lifts unavailable, without a device too',
      given: '0 c d1; 5 status.set unavailable',
      when: '10 status.set online',
      told: ['10 online active last 10'],
      leaves: 'last 10; d1 online@0 active@0 seen@0 (d1)',
    },
    {
      clause: 'online ends hiding, however late it comes',
      given: '0 c d1; 5 status.set offline',
      when: '10 status.set online d1 ts 3',
      told: ['10 online active last 3'],
      leaves: 'last 3; d1 online@10 active@3 seen@10 (d1)',
    },
    {
      clause: 'unavailable holds although the devices are online, and sees the device it names',
      given: '0 c d1',
      when: '5 status.set unavailable d1',
      told: ['5 unavailable last 0'],
      leaves: 'manual unavailable@5; last 0; d1 online@0 active@0 seen@5 (d1)',
    },
    {
      clause: 'unavailable again is as of now',
      given: '0 c d1; 5 status.set unavailable',
      when: '10 status.set unavailable; 20 a d1 ts 9',
      told: [],
      leaves: 'manual unavailable@10; last 9; d1 online@0 active@9 seen@9 (d1)',
    },
    {
      clause: 'unavailable takes the place of hiding',
      given: '0 c d1; 5 status.set offline',
      when: '10 status.set unavailable',
      told: ['10 unavailable last 0'],
    },
    {
      clause: 'unavailable is offline while there is no device, and holds when one comes that says it is idle',
      given: '0 c d1; 5 status.set unavailable; 6 x d1',
      when: '36 tick; 40 c d1 unavailable',
      told: ['36 offline last 0', '40 unavailable last 0'],
    },
    {
      clause: 'unavailable ends when a device comes that says it is online',
      given: '0 c d1; 5 status.set unavailable; 6 x d1',
      when: '36 tick; 40 c d1',
      told: ['36 offline last 0', '40 online active last 40'],
    },
    {
      clause: 'offline stays, whatever the devices do',
      given: '0 c d1; 5 status.set offline',
      when: '6 device.presence d1 unavailable; 7 device.presence d1 online; 8 a d1; 9 c d2; 10 x d1 reason logout',
      told: [],
      leaves: 'manual offline@5; last 0; d2 online@9 active@9 seen@9 (d2)',
    },
    {
      clause: 'offline sees no device',
      given: '0 c d1',
      when: '5 status.set offline d1',
      told: ['5 offline last 0'],
      leaves: 'manual offline@5; last 0; d1 online@0 active@0 seen@0 (d1)',
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});

describe('status.set with a message (semantics, section 4)', () => {
  test.each<Case>([
    {
      clause: 'says it',
      given: '0 c d1',
      when: '5 status.set "at lunch"',
      told: ['5 online active "at lunch" last 0'],
      leaves: 'last 0; d1 online@0 active@0 seen@0 (d1)',
    },
    { clause: 'says it of who is offline too', when: '5 status.set "hi"', told: ['5 offline "hi" last never'] },
    { clause: 'that is said already is silent', given: '0 status.set "hi"', when: '5 status.set "hi"', told: [] },
    {
      clause: 'null clears it',
      given: '0 status.set "hi"',
      when: '5 status.set null',
      told: ['5 offline last never'],
    },
    { clause: '"" clears it', given: '0 status.set "hi"', when: '5 status.set ""', told: ['5 offline last never'] },
    {
      clause: 'absent leaves it',
      given: '0 c d1; 0 status.set "hi"',
      when: '5 status.set unavailable',
      told: ['5 unavailable "hi" last 0'],
    },
    {
      clause: 'without a presence leaves hiding as it is, and its device unseen',
      given: '0 c d1; 5 status.set offline',
      when: '9 status.set "hi" d1',
      told: ['9 offline "hi" last 0'],
      leaves: 'manual offline@5; last 0; d1 online@0 active@0 seen@0 (d1)',
    },
    {
      clause: 'or presence: without either nothing is said of anybody',
      when: '5 status.set d1',
      told: [],
      leaves: 'nobody',
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});
