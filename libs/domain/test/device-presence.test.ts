import type { Case } from './given.ts';
import { played } from './given.ts';

describe('device.presence (semantics, section 4)', () => {
  test.each<Case>([
    { clause: 'of nobody does nothing', when: '5 device.presence d1 online', told: [], leaves: 'nobody' },
    {
      clause: 'of a device that is not there does nothing',
      given: '0 c d1',
      when: '5 device.presence d2 online',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@0 (d1)',
    },
    {
      clause: 'is of the device "default" if it names none',
      given: '0 c d1; 0 c',
      when: '5 device.presence unavailable',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@0 (d1); default unavailable@5 active@0 seen@5 (default)',
    },
    {
      clause: 'unavailable makes the device idle at once',
      given: '0 c d1',
      when: '5 device.presence d1 unavailable',
      told: ['5 unavailable last 0'],
      leaves: 'last 0; d1 unavailable@5 active@0 seen@5 (d1)',
    },
    {
      clause: 'unavailable again changes only when the device was seen',
      given: '0 c d1; 5 device.presence d1 unavailable',
      when: '10 device.presence d1 unavailable',
      told: [],
      leaves: 'last 0; d1 unavailable@5 active@0 seen@10 (d1)',
    },
    {
      clause: 'online again is no activity',
      given: '0 c d1',
      when: '299 device.presence d1 online; 301 tick',
      told: ['60 online last 0', '300 unavailable last 0'],
      leaves: 'last 0; d1 online@0 active@0 seen@299 (d1)',
    },
    {
      clause: 'online anew is activity',
      given: '0 c d1; 5 device.presence d1 unavailable',
      when: '10 device.presence d1 online',
      told: ['10 online active last 10'],
      leaves: 'last 10; d1 online@10 active@10 seen@10 (d1)',
    },
    {
      clause: 'online anew is activity at its own time, while the device is seen now',
      given: '0 c d1; 5 device.presence d1 unavailable',
      when: '20 device.presence d1 online ts 8',
      told: ['20 online active last 8'],
      leaves: 'last 8; d1 online@20 active@8 seen@20 (d1)',
    },
    {
      clause: 'online does not wake a device that is declared online and fell idle',
      given: '0 c d1; 300 tick',
      when: '310 device.presence d1 online',
      told: [],
      leaves: 'last 0; d1 online@0 active@0 seen@310 (d1)',
    },
    {
      clause: 'keeps a device that had disconnected a little longer',
      given: '0 c d1; 10 x d1',
      when: '39 device.presence d1 online; 68.999 tick; 69 tick',
      told: ['60 online last 0', '69 offline last 0'],
    },
  ])('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });
});
