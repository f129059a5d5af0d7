import type { UserEvent } from '#domain/events';
import { explainWatcher } from '#delivery/explain/watcher';
import type { FoldedHubOptions } from '../folded-hub.ts';
import { connected, FoldedHub, joined, removed, shows } from '../folded-hub.ts';
import { BOB, CROWD, EXCLUDED, ME, MEMBERS_MAX, ROOM, SILENT_CASES, WATCHER_CASES } from './watcher-cases.ts';

const CAP: FoldedHubOptions = { membersMax: MEMBERS_MAX, excluded: [EXCLUDED] };

function asked(events: readonly UserEvent[], by: 'upstream' | 'user', watcher = BOB) {
  const node = new FoldedHub(CAP);
  node.happen(connected(ME), ...events);
  const answer = explainWatcher(node.view, ME, watcher, by === 'upstream');
  expect(answer.sees).toBe(node.view.sight(watcher, ME));
  return answer;
}

describe('who sees whom, and why', () => {
  test.each(WATCHER_CASES)('$who', ({ events, sees, reason, rooms = [] }) => {
    for (const by of ['upstream', 'user'] as const) {
      expect(asked(events, by)).toMatchObject({ user_id: BOB, sees, reason, rooms, silent_rooms: [] });
    }
  });

  test.each(SILENT_CASES)('$who: an upstream service is told', ({ events, sees, reason, silentRooms }) => {
    expect(asked(events, 'upstream')).toMatchObject({ sees, reason, rooms: [], silent_rooms: silentRooms });
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
