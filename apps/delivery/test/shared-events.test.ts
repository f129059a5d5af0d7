import { mPresence } from '#domain/m-presence';
import type { PublicState } from '#domain/state';
import { UNHEARD_OF } from '#domain/state';
import { frameText } from '#delivery/shared-event';
import { SharedEvents } from '#delivery/shared-events';
import { FoldedHub, joined, says, shows } from './folded-hub.ts';

const BUSY: PublicState = { presence: 'online', statusMsg: 'busy', currentlyActive: true, lastActiveTs: 1_000 };

test('who sees the same at the same time is told the same event, as text, too', () => {
  const events = new SharedEvents();
  const event = events.of('@b:x', BUSY, 3_000);
  expect(events.of('@b:x', BUSY, 3_000)).toBe(event);
  expect(event).toEqual(mPresence('@b:x', BUSY, 3_000));
  expect(JSON.parse(frameText(event))).toEqual(mPresence('@b:x', BUSY, 3_000));
});

test('another state, user or time is another event', () => {
  const events = new SharedEvents();
  expect(events.of('@b:x', BUSY, 3_000).content.last_active_ago).toBe(2_000);
  expect(events.of('@b:x', UNHEARD_OF, 3_000).content).toEqual({ presence: 'offline' });
  expect(events.of('@b:x', BUSY, 3_000).content.status_msg).toBe('busy');
  expect(events.of('@c:x', BUSY, 3_000).sender).toBe('@c:x');
  expect(events.of('@b:x', BUSY, 3_001).content.last_active_ago).toBe(2_001);
});

test('of one change each is told what it may see: the room, whoever is blocked, and whoever is no contact', () => {
  const hub = new FoldedHub();
  const users = ['@a:x', '@b:x', '@blocked:x'];
  hub.happen(...users.map((user) => joined(user)), shows('@b:x', 'everyone', ['@blocked:x']));
  const [friend, self, blocked] = users.map((user) => hub.begin(user).subscription);
  const statuses = (): unknown[] =>
    [friend, blocked, self].map((subscription) =>
      subscription === undefined ? [] : hub.told(subscription).map((frame) => 'content' in frame && frame.content),
    );
  hub.commit(says('@b:x', 'hi'));
  expect(statuses()).toEqual([
    [{ presence: 'offline', status_msg: 'hi' }],
    [],
    [{ presence: 'offline', status_msg: 'hi' }],
  ]);
  hub.commit(shows('@b:x', 'contacts'), says('@b:x', 'secret'));
  expect(statuses()).toEqual([[{ presence: 'offline' }], [], [{ presence: 'offline', status_msg: 'secret' }]]);
});
