import { FoldedHub, brief, joined, left, says } from './folded-hub.ts';
import { accepted, dropped, invited } from './folded-view.ts';

const A = '@a:x';
const B = '@b:x';
const DAY_MS = 24 * 3_600_000;

describe('where a client can go on', () => {
  test('is what the node has reached, in every partition', () => {
    const stage = new FoldedHub({ partitionCount: 2 });
    const behind = stage.place.cursor;
    stage.happen(joined(A), joined(B));
    const { cursor } = stage.place;
    expect(stage.hub.hasReached(behind)).toBe(true);
    expect(stage.hub.hasReached(cursor)).toBe(true);
    for (const partition of cursor.keys()) {
      const ahead = cursor.map(({ offset, step }, index) => ({ offset, step: step + Number(index === partition) }));
      expect(stage.hub.hasReached(ahead)).toBe(false);
    }
  });

  test('is not before what was forgotten, nor in a log of other partitions', () => {
    const stage = new FoldedHub();
    stage.happen(joined(A), joined(B));
    const before = stage.place.cursor;
    stage.happen(left(B));
    const after = stage.place.cursor;
    expect(stage.hub.canResume(before)).toBe(true);
    stage.pass(DAY_MS);
    expect(stage.hub.canResume(before)).toBe(false);
    expect(stage.hub.canResume(after)).toBe(true);
    expect(stage.hub.canResume([...after, ...after])).toBe(false);
  });
});

describe('after a day', () => {
  test('what ended is forgotten, but not what has begun anew', () => {
    const stage = new FoldedHub();
    stage.happen(
      joined(A),
      joined(B),
      says(B, 'hi'),
      invited(A, '@c:x', 'i'),
      accepted('@c:x', A, 'i'),
      says('@c:x', 'hi'),
    );
    stage.happen(left(B), left(A), dropped(A, '@c:x', 'i'), joined(A), joined(B), invited(A, '@c:x', 'i'));
    stage.happen(joined('@d:x'), left('@d:x')); // which is forgotten, and so all before it is looked at
    stage.pass(DAY_MS);
    expect(brief(stage.begin(A).frames)).toEqual(['snapshot @b:x @c:x']);
    stage.happen(left(B), dropped(A, '@c:x', 'i'));
    stage.pass(DAY_MS);
    expect([...stage.view.memberships.keys()]).toEqual([A]);
    expect(stage.view.invites.size + stage.view.inviters.size).toBe(0);
  });

  test('an account that is there again is not the one that was removed', () => {
    const stage = new FoldedHub();
    stage.happen(joined(A), joined(B), says(B, 'old'), { type: 'user.removed', user_id: B }, joined(B), says(B, 'new'));
    stage.pass(DAY_MS);
    expect(brief(stage.begin(A).frames)).toEqual(['snapshot @b:x']);
    stage.happen({ type: 'user.removed', user_id: B });
    stage.pass(DAY_MS);
    expect([...stage.view.users.keys()]).toEqual([A]);
  });
});

describe('whoever follows somebody', () => {
  test('hears of them while the invitation that stands is the accepted one', () => {
    const stage = new FoldedHub();
    stage.happen(invited(A, B, 'i1'), accepted(B, A, 'i1'));
    const { subscription } = stage.begin(A);
    stage.happen(says(B, 'hi'));
    expect(brief(stage.told(subscription))).toEqual(['@b:x offline "hi"']);
    stage.happen(invited(A, B, 'i2'));
    expect(brief(stage.told(subscription))).toEqual(['forget @b:x']);
    stage.happen(says(B, 'secret'));
    expect(stage.told(subscription)).toEqual([]);
    expect(stage.begin(A, stage.place).frames).toEqual([]);
  });
});

test('all that listen are woken once for many changes, and none that has gone', () => {
  const stage = new FoldedHub();
  stage.happen(joined(A), joined(B));
  const woken: string[] = [];
  const subscribers = ['one', 'two', 'three'].map((name) =>
    stage.hub.subscribe(A, stage.place, () => woken.push(name)),
  );
  stage.happen(says(B, 'one'), says(B, 'two'));
  const [, , third] = subscribers;
  if (third !== undefined) stage.hub.unsubscribe(third);
  stage.clock.move(0);
  expect(woken).toEqual(['one', 'two']);
  expect(stage.hub.subscriberCount).toBe(2);
});

test('of many that listen only some are woken at once, and others have their turn in between', () => {
  const stage = new FoldedHub();
  stage.happen(joined(A), joined(B));
  let woken = 0;
  let wokenBefore = 0;
  const wake = (): void => {
    if (woken++ === 0) stage.clock.after(0, () => (wokenBefore = woken));
  };
  for (let n = 0; n < 50; n++) stage.hub.subscribe(A, stage.place, wake);
  stage.happen(says(B, 'hi'));
  stage.clock.move(0);
  expect(woken).toBe(50);
  expect(wokenBefore).toBe(20);
  stage.happen(says(B, 'again'));
  stage.clock.move(0);
  expect(woken).toBe(100);
});
