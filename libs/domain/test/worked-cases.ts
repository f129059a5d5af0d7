import type { Case } from './given.ts';

/** The worked cases of docs/SEMANTICS.md: `c` device.connected, `a` device.active, `x` device.disconnected. */
export const WORKED_CASES: readonly Case[] = [
  {
    clause: 'who connects and does nothing is active, then not, then idle',
    when: '0 c d1; 1000 tick',
    told: ['0 online active last 0', '60 online last 0', '300 unavailable last 0'],
  },
  {
    clause: 'activity while not idle only makes active again',
    when: '0 c d1; 290 a d1; 600 tick',
    told: [
      '0 online active last 0',
      '60 online last 0',
      '290 online active last 290',
      '350 online last 290',
      '590 unavailable last 290',
    ],
  },
  {
    clause: 'who disconnects is offline a little later',
    when: '0 c d1; 10 x d1; 100 tick',
    told: ['0 online active last 0', '40 offline last 0'],
  },
  {
    clause: 'a reload is invisible',
    when: '0 c d1; 10 x d1; 20 c d1; 50 tick',
    told: ['0 online active last 0'],
  },
  {
    clause: 'one idle device of two is invisible',
    when: '0 c d1; 0 c d2; 10 device.presence d1 unavailable; 20 tick',
    told: ['0 online active last 0'],
  },
  {
    clause: 'activity brings back who set unavailable',
    when: '0 c d1; 5 status.set unavailable; 9 a d1',
    told: ['0 online active last 0', '5 unavailable last 0', '9 online active last 9'],
  },
  {
    clause: 'who hides stays hidden, and leaks no activity',
    when: '0 c d1; 5 status.set offline; 9 a d1; 20 status.set online d1',
    told: ['0 online active last 0', '5 offline last 0', '20 online active last 20'],
  },
  {
    clause: 'late activity is told, and makes nobody online',
    when: '0 c d1; 400 a d1 ts 100; 401 tick',
    told: ['0 online active last 0', '60 online last 0', '300 unavailable last 0', '400 unavailable last 100'],
  },
  {
    clause: 'a dead gateway leaves no ghosts',
    when: '0 source.alive g ttl 15; 1 c d1 of g; 100 tick',
    told: ['1 online active last 1', '45 offline last 1'],
  },
  {
    clause: 'a gateway that comes back in time has lost nothing',
    when: '0 source.alive g ttl 15; 1 c d1 of g; 40 source.alive g ttl 15; 80 tick',
    told: ['1 online active last 1', '61 online last 1'],
  },
  {
    clause: 'the status outlives the connection',
    when: '0 status.set online "hi" d1; 100 tick',
    told: ['0 online active "hi" last 0', '30 offline "hi" last 0'],
  },
  {
    clause: 'a deadline comes before the record of its instant',
    when: '0 c d1; 300 a d1',
    told: ['0 online active last 0', '60 online last 0', '300 unavailable last 0', '300 online active last 300'],
  },
  {
    clause: 'who connects again when gone is online anew',
    when: '0 c d1; 10 x d1; 40 c d1',
    told: ['0 online active last 0', '40 offline last 0', '40 online active last 40'],
  },
  {
    clause: 'who logs out is offline at once',
    when: '0 c d1; 10 x d1 reason logout',
    told: ['0 online active last 0', '10 offline last 0'],
  },
  {
    clause: 'who connects idle, and then says they are back, is online',
    when: '0 c d1 unavailable; 5 device.presence d1 online',
    told: ['0 unavailable last never', '5 online active last 5'],
  },
  {
    clause: 'activity from before does not bring back who set unavailable',
    when: '0 c d1; 5 status.set unavailable; 8 a d1 ts 4',
    told: ['0 online active last 0', '5 unavailable last 0'],
  },
  {
    clause: 'activity of long ago of a device that would be gone is only told',
    when: '100 tick; 100 a d1 ts 40',
    told: ['100 offline last 40'],
  },
  {
    clause: 'a gateway that is gone leaves its devices a little longer',
    when: '0 c d1 of g; 5 source.gone g; 100 tick',
    told: ['0 online active last 0', '35 offline last 0'],
  },
  {
    clause: 'a policy changes who is idle at its own time',
    when: '0 c d1; 100 policy.set idleAfterMs 90',
    told: ['0 online active last 0', '60 online last 0', '100 unavailable last 0'],
  },
  {
    clause: 'a lease ends by itself',
    when: '0 a d1 ttl 600; 1000 tick',
    told: ['0 online active last 0', '60 online last 0', '300 unavailable last 0', '600 offline last 0'],
  },
];
