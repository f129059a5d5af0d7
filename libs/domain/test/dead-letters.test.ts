import { partitionOf } from '#domain/partitioner';
import { given } from './given.ts';

const connected = { type: 'device.connected', user_id: '@u' };
const status = { type: 'status.set', user_id: '@u' };
const invited = { type: 'list.invited', user_id: '@u', observed: '@v', invitation: 'i1' };
const shown = { type: 'visibility.set', user_id: '@u', show_to: 'everyone', blocked: [] };
const alive = { type: 'source.alive', source_id: 'g', ttl_ms: 1 };

/** Whether the record is a dead letter; if it is, it must have done nothing but move time. */
function isRefused(event: object | string, key?: string | null): boolean {
  const scene = given('0 c d1; 0 status.set "hi"; 0 room.joined !r; 0 source.alive g ttl 500; 0 policy.set');
  const untouched = given('0 c d1; 0 status.set "hi"; 0 room.joined !r; 0 source.alive g ttl 500; 0 policy.set');
  const before = scene.fold.position.offset;
  scene.take(310, event, key);
  const { deadLetters, ...changes } = scene.drain();
  if (deadLetters.length === 0) return false;
  untouched.when('0 tick');
  untouched.fold.advanceTo(310_000);
  expect(deadLetters.map((letter) => letter.offset)).toEqual([before]);
  expect(scene.fold.logTime).toBe(310_000);
  expect(changes.announcements.map(({ announcement }) => announcement.ts)).toEqual([60_000, 300_000]);
  expect([scene.leaves(), scene.ties(), scene.sources(), scene.fold.policy, scene.fold.userCount]).toEqual([
    untouched.leaves(),
    untouched.ties(),
    untouched.sources(),
    untouched.fold.policy,
    untouched.fold.userCount,
  ]);
  return true;
}

describe('a record is a dead letter, and moves only time,', () => {
  test.each<[string, object | string]>([
    ['not JSON', '{"type":'],
    ['not an object', '[]'],
    ['null', 'null'],
    ['without a type', '{}'],
    ['of a type that is no string', '{"type":7}'],
    ['of an unknown type', { ...connected, type: 'device.exploded' }],
    ['of a type that every JavaScript object has', { ...connected, type: 'toString' }],
    ['of nobody', { type: 'device.connected' }],
    ['of a user whose id is null', { type: 'user.removed', user_id: null }],
    ['of a user without an id', { ...connected, user_id: '' }],
    ['of a user whose id is a number', { ...connected, user_id: 7 }],
    ['with a ts before 1970', { ...connected, ts: -1 }],
    ['with a ts that is not whole', { ...connected, ts: 1.5 }],
    ['with a ts that is text', { ...connected, ts: '1' }],
    ['with a device without an id', { ...connected, device_id: '' }],
    ['with a device whose id is a number', { type: 'device.active', user_id: '@u', device_id: 7 }],
    ['with a connection without an id', { ...connected, connection_id: '' }],
    ['with a source without an id', { ...connected, source_id: '' }],
    ['with an id that is not Unicode', { ...connected, device_id: '\ud800' }],
    ['with a ttl of nothing', { ...connected, ttl_ms: 0 }],
    ['with a ttl that is not whole', { type: 'device.active', user_id: '@u', ttl_ms: 0.5 }],
    ['that says a device is offline', { ...connected, presence: 'offline' }],
    ['that says a device is busy', { type: 'device.presence', user_id: '@u', presence: 'busy' }],
    ['that does not say how the device is', { type: 'device.presence', user_id: '@u', presence: null }],
    ['with a reason that is no text', { type: 'device.disconnected', user_id: '@u', reason: 7 }],
    ['that sets a user busy', { ...status, presence: 'busy', status_msg: 'x' }],
    ['with a status that is no text', { ...status, presence: 'offline', status_msg: 7 }],
    ['of no room', { type: 'room.left', user_id: '@u', room_id: null }],
    ['that invites nobody', { ...invited, observed: undefined }],
    ['that drops no invitation', { ...invited, type: 'list.dropped', invitation: '' }],
    ["that accepts nobody's invitation", { type: 'list.accepted', user_id: '@u', invitation: 'i1' }],
    ['that denies no invitation', { type: 'list.denied', user_id: '@u', owner: '@v' }],
    ['that shows a user to friends', { ...shown, show_to: 'friends' }],
    ['that does not say who is blocked', { ...shown, show_to: 'nobody', blocked: null }],
    ['that blocks somebody without an id', { ...shown, show_to: 'nobody', blocked: ['@v', ''] }],
    ['of no source', { ...alive, source_id: null }],
    ['of a source without a lease', { ...alive, ttl_ms: null }],
    ['of a source whose lease is nothing', { ...alive, ttl_ms: 0 }],
    ['of a source that is gone without a name', { type: 'source.gone' }],
    ['with a policy of less than nothing', { type: 'policy.set', unheardForMs: -1, idleAfterMs: 100_000 }],
    ['with a policy that is not whole', { type: 'policy.set', idleAfterMs: 100_000.5 }],
    ['with a policy that removes devices at once', { type: 'policy.set', offlineAfterMs: 0 }],
    ['with a policy whose values do not go together', { type: 'policy.set', activeForMs: 9, idleAfterMs: 9 }],
  ])('%s', (_what, event) => {
    expect(isRefused(event)).toBe(true);
  });

  test.each<[string, object, string | null]>([
    ['whose key is another user', { ...connected, presence: 'unavailable' }, '@v'],
    ['of a user without a key', { ...connected, presence: 'unavailable' }, null],
    ['of the partition with a key', { type: 'policy.set', idleAfterMs: 100_000 }, '@u'],
  ])('%s', (_what, event, key) => {
    expect(isRefused(event, key)).toBe(true);
  });

  test('in a partition that its key does not lead to, and says which one that is', () => {
    const index = partitionOf('@u', 4);
    const scene = given('', { partition: { index: 3 - index, count: 4 } });
    scene.take(1, connected);
    expect(scene.drain().deadLetters).toEqual([
      { offset: 0, reason: expect.stringContaining(`wrong partition ${3 - index}: the key belongs to ${index} of 4`) },
    ]);
    expect(scene.leaves()).toBe('nobody');
    expect(given('1 c d1', { partition: { index, count: 4 } }).leaves()).not.toBe('nobody');
  });
});

describe('a record is none', () => {
  test.each<[string, object]>([
    ['if what it may leave out is null', { ...connected, ts: null, device_id: null, ttl_ms: null, presence: null }],
    ['if its status is null', { ...status, status_msg: null, device_id: null }],
    ['if it has fields that nobody knows', { ...connected, note: 'hello', idleAfterMs: -1 }],
    ['if all is as it should be', invited],
  ])('%s', (_what, event) => {
    expect(isRefused(event)).toBe(false);
  });

  test('but null is as if absent', () => {
    const scene = given('');
    const nothing = { ts: null, device_id: null, connection_id: null, presence: null, source_id: null, ttl_ms: null };
    scene.take(5, { ...connected, ...nothing });
    expect(scene.leaves()).toBe('last 5; default online@5 active@5 seen@5 (default)');
  });

  test('if its key is not known, as in a file', () => {
    const scene = given('', { partition: { index: 1 - partitionOf('@u', 2), count: 2 } });
    scene.fold.apply({
      offset: 0,
      timestamp: 1,
      decoded: { event: { type: 'room.joined', user_id: '@u', room_id: '!r' } },
    });
    expect(scene.ties()).toEqual(['member !r from 0']);
  });
});
