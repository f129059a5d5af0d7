import type { StateRecord } from '#domain/state-records';
import { checkpointRecord, toRecords } from '#domain/state-records';
import type { User } from '#domain/state';
import { Scene } from './given.ts';
import { committed, StateTopic } from './state-topic.ts';

/** All that is known of users, as JSON; a source holds users in turn, of whom only the ids are taken. */
function knownOf(users: Iterable<User>): unknown {
  const text = JSON.stringify([...users], (name, value: unknown) => {
    if (name === 'deadlineAt') return undefined;
    if (value instanceof Set) return [...(value as Set<User>)].map(({ id }) => id);
    return value instanceof Map ? [...(value as Map<string, unknown>)] : value;
  });
  return JSON.parse(text);
}

describe('what is written to presence.state, or to an image, comes back from its JSON:', () => {
  test.each([
    [
      'rooms, sources and causes that come again',
      '0 c d1 via c1 of g; 1 c d1 of g by @v; 2 room.joined !r; 3 room.joined !r by @v',
    ],
    ['a device with all that it can have', '0 source.alive g ttl 90; 1 c d1 via c1 of g; 2 c d1 via c2; 3 a d1 ttl 50'],
    ['a device that was never active', '0 c d1 unavailable'],
    ['several devices, in their order', '0 c d2; 1 c d1; 2 c d3; 3 x d2 reason logout; 4 c d2'],
    ['a manual setting and a status', '0 status.set unavailable "hi" d1'],
    ['hiding', '0 c d1; 1 status.set offline'],
    ['a user who was never announced', '0 room.joined !r'],
    ['a silent change', '0 c d1; 5 a d1'],
    ['the cause of the last announcement', '0 c d1; 60 tick'],
    ['an account that was removed', '0 c d1; 1 user.removed'],
    ['ties that stand', '0 room.joined !r; 1 list.invited @v i1; 2 list.accepted @v i2; 3 list.denied @v i3'],
    [
      'ties that ended',
      '0 room.joined !r; 1 room.left !r; 2 list.invited @v i1; 3 list.dropped @v i1; 4 list.denied @v i3',
    ],
    ['a denial after a revocation', '0 list.accepted @v i1; 1 list.denied @v i1; 2 list.denied @v i2'],
    ['whom a user shows themselves to', '0 visibility.set contacts blocked @a,@b'],
  ])('%s', (_what, log) => {
    const { state, fold } = committed(log);
    for (const restored of [state.restore(), StateTopic.restoreFromImage(fold)]) {
      expect(knownOf(restored.remembered())).toEqual(knownOf(fold.remembered()));
      expect(restored.checkpoint()).toEqual(fold.checkpoint());
      expect(restored.nextDeadlineAt()).toBe(fold.nextDeadlineAt());
    }
  });
});

describe('the key of a record', () => {
  test.each([
    ['a user', '0 c d1', 'user|@u'],
    ['a membership', '0 room.joined !r', 'member|!r|@u'],
    ['an invitation', '0 list.invited @v i1', 'invite|@u|@v'],
    ['an answer', '0 list.accepted @v i1', 'answer|@u|@v'],
    ['a choice', '0 visibility.set nobody', 'visibility|@u'],
  ])('of %s is its kind and ids', (_what, log, key) => {
    expect(committed(log).state.keys).toContain(key);
  });

  test('never is that of another one, whatever the ids are', () => {
    const parts = ['a', '|', 'a|', '|a', '%', '%7C', '%257C', '|%7C'];
    const log = parts.flatMap((user) => parts.map((room) => `0 room.joined ${room} by ${user}`)).join(';');
    const members = committed(log).state.keys.filter((key) => key.startsWith('member|'));
    expect(members).toHaveLength(parts.length ** 2);
  });

  test('is forgotten by a record of nothing', () => {
    const state = new StateTopic();
    const scene = new Scene();
    scene.takeAll('0 room.joined !r; 1 room.left !r');
    state.commit(scene.fold);
    scene.takeAll('86401 tick');
    state.commit(scene.fold);
    expect(state.keys).toEqual(['user|@u', 'checkpoint']);
  });
});

describe('the record of a user', () => {
  const userOf = (log: string): StateRecord | undefined => committed(log).state.records['user|@u'];

  test('says of an announcement that it was one', () => {
    expect(userOf('0 tick; 5 c d1')).toMatchObject({
      ...{
        at: 1,
        step: 0,
        announced: 1,
        applied: 1,
        presence: 'online',
        currently_active: true,
        last_active_ts: 5_000,
      },
      announcement: { ts: 5_000, offset: 1, step: 0, cause: { type: 'device.connected', device_id: 'd1', offset: 1 } },
    });
  });

  test('says of a silent change that it was none, and has the last active time up to date', () => {
    expect(userOf('0 c d1; 5 a d1')).toMatchObject({ at: 1, announced: 0, applied: 1, last_active_ts: 5_000 });
  });

  test('says of a deadline which record made time pass, and which event led to it', () => {
    expect(userOf('0 c d1; 1 tick; 60 tick')).toMatchObject({
      at: 2,
      announced: 2,
      applied: 0,
      announcement: { cause: { type: 'inactive', offset: 0 } },
    });
  });

  test('says of a removed account when that was, and nothing else', () => {
    expect(userOf('0 c d1; 0 status.set unavailable "hi"; 5 user.removed')).toMatchObject({
      ...{ removed_ts: 5_000, presence: 'offline', last_active_ts: null, status_msg: null, manual: null, devices: [] },
    });
    expect(userOf('0 c d1; 5 user.removed; 6 c d1')).not.toHaveProperty('removed_ts');
  });

  test('of many changes is written once, as it is in the end', () => {
    const scene = new Scene();
    scene.takeAll('0 c d1; 1 status.set "a"; 2 status.set "b"');
    const users = toRecords(scene.fold.drain(), checkpointRecord('log', scene.fold.checkpoint())).slice(0, -1);
    expect(users.map(({ key, value }) => [key, value])).toEqual([
      ['user|@u', expect.objectContaining({ status_msg: 'b' })],
    ]);
  });
});
