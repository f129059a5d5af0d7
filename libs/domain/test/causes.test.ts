import { given } from './given.ts';

describe('an announcement says what made it (semantics, section 5):', () => {
  const caused = (log: string, when: string): unknown[] =>
    given(log)
      .announces(when)
      .map(({ announcement: { ts, cause } }) => [ts / 1_000, cause.type, cause.deviceId, cause.offset]);

  test.each<[clause: string, given: string, when: string, causes: unknown[]]>([
    ['the event that made it, and its device', '0 tick', '5 c d1', [[5, 'device.connected', 'd1', 1]]],
    ['the default device too', '0 tick', '5 a', [[5, 'device.active', 'default', 1]]],
    ['no device for a status without one', '0 c d1', '5 status.set unavailable', [[5, 'status.set', null, 1]]],
    ['the device of a status', '0 c d1', '5 status.set unavailable d1', [[5, 'status.set', 'd1', 1]]],
    ['that a device presence made it', '0 c', '5 device.presence unavailable', [[5, 'device.presence', 'default', 1]]],
    ['that a logout made it', '0 c d1', '5 x d1 reason logout', [[5, 'device.disconnected', 'd1', 1]]],
    ['that the account was removed', '0 c d1', '5 user.removed', [[5, 'user.removed', null, 1]]],
    ['that the policy made it', '0 c d1', '5 policy.set activeForMs 1', [[5, 'policy.set', null, 1]]],
    [
      'that activity has worn off, after the last event of the user',
      '0 c d1; 9 a d1; 9 c d1 by @v; 9 tick',
      '69 tick',
      [
        [69, 'inactive', null, 1],
        [69, 'inactive', null, 2],
      ],
    ],
    ['which device fell idle last', '0 c d1; 5 c d2; 69 tick', '305 tick', [[305, 'idle', 'd2', 1]]],
    [
      'the first made of several devices that are gone',
      '0 c d2; 0 c d1; 1 x d1; 1 x d2',
      '31 tick',
      [[31, 'disconnected', 'd2', 3]],
    ],
    [
      'that a device is gone rather than that another fell idle at that instant',
      '0 policy.set idleAfterMs 61; 0 c d2; 1 c d1; 31 x d1',
      '61 tick',
      [[61, 'disconnected', 'd1', 3]],
    ],
    ['which device is gone', '0 c d1; 1 x d1; 2 tick', '31 tick', [[31, 'disconnected', 'd1', 1]]],
    [
      'which device its source took along',
      '0 source.alive g ttl 5; 1 c d1 of g; 2 source.alive g ttl 5',
      '37 tick',
      [[37, 'disconnected', 'd1', 1]],
    ],
    [
      'the last event that changed anything, not one that did nothing',
      '0 c d1; 5 c d1 via d1 ts 1; 6 x d9; 7 room.left !r',
      '60 tick',
      [[60, 'inactive', null, 1]],
    ],
  ])('%s', (_clause, log, when, causes) => {
    expect(caused(log, when)).toEqual(causes);
  });

  test('where in the partition it was made', () => {
    const positions = given('0 c d1; 0 c d1 by @v')
      .announces('60 a d1; 61 a d1 by @v')
      .map(({ userId, announcement }) => [userId, announcement.position]);
    expect(positions).toEqual([
      ['@u', { offset: 2, step: 0 }],
      ['@v', { offset: 2, step: 1 }],
      ['@u', { offset: 2, step: 2 }],
      ['@v', { offset: 3, step: 0 }],
    ]);
  });
});
