import type { Scene } from './given.ts';
import { given } from './given.ts';

const connected = { type: 'device.connected', user_id: '@u' };
const active = { type: 'device.active', user_id: '@u' };
const status = { type: 'status.set', user_id: '@u' };
const invited = { type: 'list.invited', user_id: '@u', observed: '@v', invitation: 'i1' };
const shown = { type: 'visibility.set', user_id: '@u', show_to: 'nobody', blocked: [] };

function isTaken(event: object, scene: Scene = given('')): boolean {
  const before = scene.refusals.length;
  scene.take(1, event);
  scene.drain();
  return scene.refusals.length === before;
}

describe('texts are limited in bytes, of which a character may be four (semantics, section 2)', () => {
  test.each<[string, object, object]>([
    ['255 for an id', { ...connected, device_id: 'x'.repeat(255) }, { ...connected, device_id: 'x'.repeat(256) }],
    ['255 for a user', { ...active, user_id: 'x'.repeat(255) }, { ...active, user_id: 'x'.repeat(256) }],
    ['255 for who is blocked', { ...shown, blocked: ['x'.repeat(255)] }, { ...shown, blocked: ['x'.repeat(256)] }],
    [
      '255 for an id, at 2 each',
      { ...connected, connection_id: `${'é'.repeat(127)}x` },
      { ...connected, connection_id: 'é'.repeat(128) },
    ],
    [
      '255 for an id, at 3 each',
      { ...active, device_id: '語'.repeat(85) },
      { ...active, device_id: `${'語'.repeat(85)}x` },
    ],
    [
      '255 for an id, at 4 each',
      { ...invited, observed: `${'🙂'.repeat(63)}xyz` },
      { ...invited, observed: '🙂'.repeat(64) },
    ],
    ['1024 for a status', { ...status, status_msg: 'x'.repeat(1024) }, { ...status, status_msg: 'x'.repeat(1025) }],
    [
      '1024 for a status, at 2 each',
      { ...status, status_msg: 'é'.repeat(512) },
      { ...status, status_msg: `${'é'.repeat(512)}x` },
    ],
    [
      '1024 for a status, at 4 each',
      { ...status, status_msg: '🙂'.repeat(256) },
      { ...status, status_msg: `${'🙂'.repeat(256)}x` },
    ],
  ])('%s', (_what, fits, goesOver) => {
    expect(isTaken(fits)).toBe(true);
    expect(isTaken(goesOver)).toBe(false);
  });
});

const hundred = (line: (i: number) => string): string => Array.from({ length: 100 }, (_, i) => line(i)).join(';');

describe('a user has 100 devices at most', () => {
  const full = (): Scene => given(hundred((i) => `0 c d${i}`));

  test.each<[string, object]>([
    ['device.connected', connected],
    ['device.connected with ttl_ms', { ...connected, ttl_ms: 1 }],
    ['device.active', active],
    ['device.active of long ago', { ...active, ts: 0 }],
    ['status.set online', { ...status, presence: 'online', status_msg: 'x' }],
    ['status.set unavailable', { ...status, presence: 'unavailable', status_msg: 'x' }],
  ])('%s that would make one more is a dead letter, and does nothing', (_what, event) => {
    const scene = full();
    const before = scene.leaves();
    expect(isTaken({ ...event, device_id: 'over' }, scene)).toBe(false);
    expect(scene.refusals).toEqual([expect.stringMatching(/^the user has 100 devices/)]);
    expect(scene.leaves()).toBe(before);
    expect(isTaken({ ...event, device_id: 'd7' }, scene)).toBe(true);
  });

  test.each<[string, object]>([
    ['status.set offline', { ...status, presence: 'offline', device_id: 'over' }],
    ['status.set without a device', { ...status, presence: 'online' }],
    ['device.presence', { type: 'device.presence', user_id: '@u', presence: 'online', device_id: 'over' }],
    ['device.disconnected', { type: 'device.disconnected', user_id: '@u', device_id: 'over' }],
  ])('%s, which makes none, is not', (_what, event) => {
    expect(isTaken(event, full())).toBe(true);
  });

  test('and may have another one when one has gone', () => {
    const scene = full();
    scene.when('1 x d7 reason logout; 2 c over');
    expect(scene.user().devices).toHaveLength(100);
    expect(scene.user().devices.at(-1)?.id).toBe('over');
  });
});

describe('a device has 100 connections at most', () => {
  const full = (): Scene => given(hundred((i) => `0 c d1 via c${i}`));
  const over = { ...connected, device_id: 'd1', connection_id: 'over' };

  test('one more is a dead letter, and does nothing', () => {
    const scene = full();
    const before = scene.leaves();
    expect(isTaken({ ...over, source_id: 'g', presence: 'unavailable' }, scene)).toBe(false);
    expect(scene.refusals).toEqual([expect.stringMatching(/^the device has 100 connections/)]);
    expect([scene.leaves(), scene.sources()]).toEqual([before, {}]);
  });

  test('but one may take the place of another', () => {
    const scene = full();
    scene.when('1 c d1 via c7 of g');
    expect(scene.user().devices[0]?.connections).toHaveLength(100);
    expect(scene.user().devices[0]?.connections.at(-1)).toMatchObject({ id: 'c7', source: { id: 'g' } });
  });

  test('but those of sources that have ended give way', () => {
    const scene = given(hundred((i) => `0 c d1 via c${i} of ${i < 40 ? 'old' : i < 80 ? 'g' : 'new'}`));
    scene.when('10 source.alive g ttl 90; 10 source.alive new ttl 90; 40 c d1 via over of g');
    expect(scene.refusals).toEqual([]);
    expect(scene.user().devices[0]?.connections).toHaveLength(61);
    expect(scene.leaves()).not.toContain('old');
  });

  test('but a lease, which opens none, may be beside them', () => {
    expect(isTaken({ ...over, ttl_ms: 1 }, full())).toBe(true);
  });

  test('but one may be opened when one has closed', () => {
    const scene = full();
    scene.when('1 x d1 via c7');
    expect(isTaken(over, scene)).toBe(true);
  });
});
