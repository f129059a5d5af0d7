import { followedBy, invitationsOf } from '#delivery/lists/invitations';
import { INCOMING_SHOWN_MAX } from '#delivery/lists/list.schemas';
import { accepted, denied, dropped, foldedView, invited } from '../folded-view.ts';

const ME = '@me:x';

test('invitations are told in both directions, until they are answered or dropped', () => {
  const view = foldedView(
    invited(ME, '@waits:x', 'a'),
    invited(ME, '@denies:x', 'b'),
    denied('@denies:x', ME, 'b'),
    invited(ME, '@revokes:x', 'c'),
    accepted('@revokes:x', ME, 'c'),
    denied('@revokes:x', ME, 'c'),
    invited(ME, '@follows:x', 'd'),
    accepted('@follows:x', ME, 'd'),
    invited(ME, '@gone:x', 'e'),
    dropped(ME, '@gone:x', 'e'),
    invited('@asks:x', ME, 'f'),
    invited('@denied:x', ME, 'g'),
    denied(ME, '@denied:x', 'g'),
    invited('@fan:x', ME, 'h'),
    accepted(ME, '@fan:x', 'h'),
    invited('@away:x', ME, 'i'),
    dropped('@away:x', ME, 'i'),
  );
  expect(invitationsOf(view, ME)).toEqual({
    outgoing: [
      { user_id: '@denies:x', state: 'denied' },
      { user_id: '@revokes:x', state: 'denied' },
      { user_id: '@waits:x', state: 'pending' },
    ],
    incoming: [{ user_id: '@asks:x' }],
    incoming_total: 1,
    followers: [{ user_id: '@fan:x' }],
    followers_total: 1,
  });
  expect(followedBy(view, ME, 0).map(({ sender }) => sender)).toEqual(['@follows:x']);
});

test('whoever is blocked is not shown as asking, and is not told so', () => {
  const view = foldedView(invited('@pest:x', ME, 'a'), {
    type: 'visibility.set',
    user_id: ME,
    show_to: 'everyone',
    blocked: ['@pest:x'],
  });
  expect(invitationsOf(view, ME)).toMatchObject({ incoming: [], incoming_total: 0 });
  expect(invitationsOf(view, '@pest:x').outgoing).toEqual([{ user_id: ME, state: 'pending' }]);
});

test('of a crowd that asks, the first are shown, and how many they are', () => {
  const crowd = Array.from({ length: INCOMING_SHOWN_MAX + 1 }, (_, i) => invited(`@u${10_000 + i}:x`, ME, 'a'));
  const { incoming, incoming_total } = invitationsOf(foldedView(...crowd), ME);
  expect(incoming).toHaveLength(INCOMING_SHOWN_MAX);
  expect(incoming[0]).toEqual({ user_id: '@u10000:x' });
  expect(incoming_total).toBe(INCOMING_SHOWN_MAX + 1);
});
