import type { UserEvent } from '#domain/events';
import { explainWatcher } from '#delivery/explain/watcher';
import type { FoldedHubOptions } from '../folded-hub.ts';
import { connected, FoldedHub, joined, left, removed, shows } from '../folded-hub.ts';
import { accepted, denied, invited } from '../folded-view.ts';

const ME = '@me:x';
const BOB = '@bob:x';
const ROOM = [joined(ME), joined(BOB)];
const LIST = [invited(BOB, ME, 'i'), accepted(ME, BOB, 'i')];
const CROWD = [...ROOM, joined('@c:x'), joined('@d:x')];
const CAP: FoldedHubOptions = { membersMax: 3, excluded: ['!loud:x'] };

function asked(events: readonly UserEvent[], by: 'upstream' | 'user', watcher = BOB) {
  const node = new FoldedHub(CAP);
  node.happen(connected(ME), ...events);
  const answer = explainWatcher(node.view, ME, watcher, by === 'upstream');
  expect(answer.sees).toBe(node.view.sight(watcher, ME));
  return answer;
}

describe('who sees whom, and why', () => {
  test.each<[string, UserEvent[], string, string, object]>([
    ['strangers', [], 'nothing', 'unknown', {}],
    ['room-mates', ROOM, 'full', 'shared_room', { rooms: ['!r:x'] }],
    ['who has left', [...ROOM, left(BOB)], 'nothing', 'unknown', {}],
    ['a follower', LIST, 'full', 'accepted_list', {}],
    ['who was invited only', [invited(BOB, ME, 'i')], 'nothing', 'unknown', {}],
    ['who was denied', [...LIST, denied(ME, BOB, 'i')], 'nothing', 'unknown', {}],
    ['a follower and room-mate', [...ROOM, ...LIST], 'full', 'accepted_list', { rooms: ['!r:x'] }],
    ['a blocked room-mate', [...ROOM, shows(ME, 'everyone', [BOB])], 'offline', 'blocked', { rooms: ['!r:x'] }],
    ['a blocked stranger', [shows(ME, 'everyone', [BOB])], 'nothing', 'unknown', {}],
    ['before whom one hides', [...LIST, shows(ME, 'nobody')], 'offline', 'hidden', {}],
    ['no contact', [...ROOM, shows(ME, 'contacts')], 'offline', 'contacts_only', { rooms: ['!r:x'] }],
    ['a contact', [...LIST, shows(ME, 'contacts')], 'full', 'accepted_list', {}],
  ])('%s', (_, events, sees, reason, rooms) => {
    for (const by of ['upstream', 'user'] as const) {
      expect(asked(events, by)).toMatchObject({ user_id: BOB, sees, reason, rooms: [], silent_rooms: [], ...rooms });
    }
  });

  test.each([
    ['too large', CROWD, 'over_the_cap', ['!r:x']],
    ['excluded', [joined(ME, '!loud:x'), joined(BOB, '!loud:x')], 'excluded', ['!loud:x']],
  ])('in a room that is %s: an upstream service is told', (_, events, reason, silent_rooms) => {
    expect(asked(events, 'upstream')).toMatchObject({ sees: 'nothing', reason, rooms: [], silent_rooms });
  });

  test('oneself, in whatever rooms', () => {
    expect(asked(ROOM, 'user', ME)).toMatchObject({ sees: 'full', reason: 'self', rooms: [], silent_rooms: [] });
  });
});

test('a user cannot tell whether there is such a user as the watcher, unless they have a tie', () => {
  const answers = [
    [],
    [joined(ME)],
    CROWD,
    [connected(BOB)],
    [connected(BOB), removed(BOB)],
    [shows(BOB, 'nobody')],
  ].map((events) => asked(events, 'user'));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test('what the watcher lets others see is not in it: who hides or blocks is told of like anybody', () => {
  const [plain, ...others] = [[], [shows(BOB, 'nobody')], [shows(BOB, 'everyone', [ME])]].map((choice) =>
    asked([...ROOM, ...choice], 'user'),
  );
  for (const other of others) expect(other).toEqual(plain);
});
