import type { CrowdOptions } from '#standalone/demo/crowd';
import { Crowd } from '#standalone/demo/crowd';
import { VIEWER } from '#standalone/demo/names';
import { START_AT } from './crowd-log.ts';

/** What README says of a room: with more it conveys no presence. */
const ROOM_MEMBERS_MAX = 1_000;

function makeCrowd(options: Partial<CrowdOptions> = {}): Crowd {
  return new Crowd({ seed: 1, startAt: START_AT, users: 60, sourceId: 'one', ...options });
}

describe('rooms', () => {
  test.each([60, 100_000])('convey presence, and the viewer sees a crowd in them, of %i users', (users) => {
    const members = membersOf(makeCrowd({ users }));
    const sizes = [...members.values()].map(({ size }) => size);
    expect(Math.max(...sizes)).toBeLessThan(ROOM_MEMBERS_MAX);
    expect(Math.min(...sizes)).toBeGreaterThan(1);
    const everybody = new Set([...members.values()].flatMap((room) => [...room]));
    expect(everybody.size).toBe(users + 1);
    const seen = seenBy(VIEWER, members);
    expect(seen.size).toBeGreaterThan(Math.min(users, 400));
    expect(seen.size).toBeLessThanOrEqual(ROOM_MEMBERS_MAX);
  });

  test('do not fill up when crowds of other sizes come on the same data', () => {
    const large = membersOf(makeCrowd({ users: 3_000 }));
    for (const [room, small] of membersOf(makeCrowd({ users: 700 }))) {
      expect([...small].filter((user) => large.get(room)?.has(user) !== true)).toEqual([]);
    }
  });

  test('have people in one and in several, with one device and with two', () => {
    const rooms = new Map<string, number>();
    const devices = new Map<string, Set<string>>();
    const crowd = makeCrowd();
    for (const event of crowd.opening()) {
      if (event.type === 'room.joined') rooms.set(event.user_id, (rooms.get(event.user_id) ?? 0) + 1);
      if (event.type === 'device.connected')
        devices.set(event.user_id, (devices.get(event.user_id) ?? new Set()).add(event.device_id ?? ''));
    }
    rooms.delete(VIEWER);
    expect(new Set(rooms.values())).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set([...devices.values()].map(({ size }) => size))).toEqual(new Set([1, 2]));
  });
});

function membersOf(crowd: Crowd): Map<string, Set<string>> {
  const members = new Map<string, Set<string>>();
  for (const event of crowd.opening()) {
    if (event.type !== 'room.joined') continue;
    members.set(event.room_id, (members.get(event.room_id) ?? new Set()).add(event.user_id));
  }
  return members;
}

function seenBy(viewer: string, members: Map<string, Set<string>>): Set<string> {
  return new Set([...members.values()].filter((room) => room.has(viewer)).flatMap((room) => [...room]));
}
