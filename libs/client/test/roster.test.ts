import type { z } from 'zod';
import type { streamFrameSchema } from '../../../apps/delivery/src/frame.schemas.ts';
import type { Frame, PresenceEvent } from '../src/frame.ts';
import { Roster } from '../src/roster.ts';
import { ClientClock } from './client-clock.ts';

/** `npm run types` fails when the server can send what the client does not know. */
const known = (frame: z.output<typeof streamFrameSchema>): Frame => frame;

const of = (sender: string, content: PresenceEvent['content']): PresenceEvent => ({
  type: 'm.presence',
  sender,
  content,
});

test('frames become a roster, and changes that name what they changed', () => {
  const clock = new ClientClock();
  const roster = new Roster(clock);
  const take = (frame: z.output<typeof streamFrameSchema>) => roster.take(known(frame));
  const online = of('@b:x', { presence: 'online', currently_active: true, last_active_ago: 10, status_msg: 'hi' });

  expect(take({ type: 'snapshot', events: [online], more: true })).toMatchObject([
    { type: 'presence', user: { userId: '@b:x', presence: 'online', currentlyActive: true, statusMsg: 'hi' } },
  ]);
  expect(take({ type: 'snapshot', events: [], more: false })).toEqual([{ type: 'ready' }]);
  expect(take(of('@c:x', { presence: 'offline' }))).toMatchObject([
    { user: { userId: '@c:x', currentlyActive: false, statusMsg: null, lastActiveAgo: null } },
  ]);
  expect([...roster.users.keys()]).toEqual(['@b:x', '@c:x']);
  expect(take({ type: 'forget', user_id: '@b:x' })).toEqual([{ type: 'forget', userId: '@b:x' }]);
  expect([...roster.users.keys()]).toEqual(['@c:x']);
  expect(take({ type: 'room.presence', room_id: '!r:x', mode: 'off' })).toEqual([
    { type: 'room', roomId: '!r:x', conveysPresence: false },
  ]);
  const content = { observed_user: '@a:x', observer_user: '@b:x' };
  expect(
    (['m.presence_invite', 'm.presence_accept', 'm.presence_deny'] as const).flatMap((type) =>
      take({ type, sender: '@b:x', content }),
    ),
  ).toEqual(['invite', 'accept', 'deny'].map((type) => ({ type, owner: '@b:x', observed: '@a:x' })));
  expect(take({ type: 'reset', reason: 'Too old.' })).toEqual([{ type: 'reset', reason: 'Too old.' }]);
  expect(roster.users.size).toBe(0);
});

test('a frame of a later server changes nothing', () => {
  const roster = new Roster(new ClientClock());
  expect(roster.take({ type: 'm.later' } as unknown as Frame)).toEqual([]);
});

test('how long ago somebody was active is as of now, and never less than was told', () => {
  const clock = new ClientClock();
  const roster = new Roster(clock);
  roster.take(of('@b:x', { presence: 'unavailable', last_active_ago: 400 }));
  clock.move(600);
  const user = roster.users.get('@b:x');
  expect(user?.lastActiveAgo).toBe(1_000);
  clock.set(-3_600_000);
  expect(user?.lastActiveAgo).toBe(400);
});
