import type { Place } from '#delivery/place';
import { brief, connected, FoldedHub, joined, left, loggedOut, says, shows } from './folded-hub.ts';
import { invited } from './folded-view.ts';

const A = '@a:x';
const B = '@b:x';
const C = '@c:x';

/** Alice and others in one room, all with a message, so that they are in a snapshot. */
function room(...others: readonly string[]): FoldedHub {
  const stage = new FoldedHub();
  stage.happen(joined(A), ...others.flatMap((user) => [joined(user), says(user, 'hi')]));
  return stage;
}

describe('a fresh client', () => {
  test('gets those whom it sees, itself included, by user id, without those who are offline and say nothing', () => {
    const stage = room(C, B);
    stage.happen(connected(A), joined('@offline:x'), says('@stranger:x', 'hi'), says('@hidden:x', 'hi'));
    stage.happen(joined('@hidden:x'), shows('@hidden:x', 'nobody'));
    expect(brief(stage.begin(A).frames)).toEqual(['snapshot @a:x @b:x @c:x']);
  });

  test('that sees nobody gets an empty snapshot', () => {
    expect(new FoldedHub().begin(A).frames).toEqual([{ type: 'snapshot', events: [], more: false }]);
  });

  test('gets a long snapshot in pages; its token comes last and says where it began', () => {
    const users = Array.from({ length: 700 }, (_, index) => `@m${String(index).padStart(3, '0')}:x`);
    const stage = room(...users);
    const start = stage.place;
    const { subscription } = stage.hub.subscribe(A, null, () => undefined);
    const first = subscription.flush(0);
    expect(first.frames).toMatchObject([{ type: 'snapshot', more: true }]);
    expect(first.place).toBeNull();
    stage.happen(says('@m000:x', 'new'), says('@m699:x', 'new'), left('@m698:x'), joined('@z:x'), says('@z:x', 'hi'));
    const second = subscription.flush(0);
    const told = second.frames.flatMap((frame) => (frame.type === 'snapshot' ? frame.events : []));
    expect(told).toHaveLength(701 - 500 - 1); // without the one who has left
    expect(told.at(-1)).toMatchObject({ sender: '@m699:x', content: { status_msg: 'new' } });
    expect(second.place).toEqual(start);
    expect(brief(stage.told(subscription))).toEqual(['@m000:x offline "new"', '@z:x offline "hi"']);
    // Whoever goes on from that token hears of all that came since it began.
    expect(brief(stage.begin(A, second.place).frames).sort()).toEqual([
      '@m000:x offline "new"',
      '@m699:x offline "new"',
      '@z:x offline "hi"',
      'forget @m698:x',
    ]);
  });

  test('that has not read is told of nothing twice', () => {
    const stage = room(B);
    const { subscription } = stage.hub.subscribe(A, null, () => undefined);
    stage.happen(says(B, 'new'));
    expect(brief(stage.told(subscription))).toEqual(['snapshot @b:x']);
  });
});

describe('while it listens, a client is told', () => {
  test('the latest state of a user, and nothing that was undone in between', () => {
    const stage = room(B);
    const { subscription } = stage.begin(A);
    stage.happen(says(B, 'one'), says(B, 'two'));
    expect(brief(stage.told(subscription))).toEqual(['@b:x offline "two"']);
    stage.happen(says(B, 'three'), says(B, 'two'));
    expect(brief(stage.told(subscription))).toEqual([]);
  });

  test('of many changes in pieces, with a place after the last', () => {
    const users = Array.from({ length: 501 }, (_, index) => `@m${index}:x`);
    const stage = room(...users);
    const { subscription } = stage.begin(A);
    stage.happen(...users.map((user) => says(user, 'new')));
    expect(subscription.flush(0)).toMatchObject({ frames: { length: 500 }, place: null });
    expect(subscription.flush(0)).toMatchObject({ frames: { length: 1 }, place: stage.place });
  });

  test('of activity only as it is announced', () => {
    const stage = room(B);
    stage.happen(connected(B));
    const { subscription } = stage.begin(A);
    const active = (agoMs: number): void =>
      stage.happen({ type: 'device.active', user_id: B, device_id: 'D', ts: stage.clock.now() - agoMs });
    stage.pass(30_000);
    active(0);
    expect(subscription.hasNews).toBe(false);
    stage.pass(60_000);
    expect(stage.told(subscription)).toMatchObject([
      { sender: B, content: { presence: 'online', currently_active: false, last_active_ago: 60_000 } },
    ]);
    stage.pass(400_000);
    expect(brief(stage.told(subscription))).toEqual(['@b:x unavailable "hi"']);
    active(401_000); // a little later than the last: silent
    expect(stage.told(subscription)).toEqual([]);
    stage.happen(left(B));
    active(400_000);
    stage.happen(joined(B)); // nor is it told when the user was looked at meanwhile
    expect(stage.told(subscription)).toEqual([]);
    active(300_500);
    expect(stage.told(subscription)).toMatchObject([
      { content: { presence: 'unavailable', last_active_ago: 300_500 } },
    ]);
  });

  test('to forget whom it sees no more, and of whom it sees from now on, be they offline', () => {
    const stage = room(B);
    const { subscription } = stage.begin(A);
    stage.happen(left(B), joined(C));
    expect(brief(stage.told(subscription))).toEqual(['forget @b:x', '@c:x offline']);
    stage.happen(left(A));
    expect(brief(stage.told(subscription))).toEqual(['forget @c:x']);
    stage.happen(says(C, 'hi'), left(C));
    expect(subscription.hasNews).toBe(false);
  });

  test('nothing of somebody who came and went', () => {
    const stage = room(B);
    const { subscription } = stage.begin(A);
    stage.happen(joined(C), says(C, 'hi'), left(C));
    expect(stage.told(subscription)).toEqual([]);
  });

  test('once that somebody is offline who begins to hide, and nothing of them until that ends', () => {
    const stage = room(B);
    stage.happen(connected(B));
    const { subscription } = stage.begin(A);
    stage.happen(shows(B, 'nobody'));
    expect(stage.told(subscription)).toEqual([{ type: 'm.presence', sender: B, content: { presence: 'offline' } }]);
    stage.happen(says(B, 'secret'), loggedOut(B), shows(B, 'contacts'), shows(B, 'everyone', [A]), connected(B));
    expect(stage.told(subscription)).toEqual([]);
    stage.happen(shows(B, 'everyone'));
    expect(brief(stage.told(subscription))).toEqual(['@b:x online "secret"']);
  });

  test('of everybody in a room that conveys presence again, and to forget them when it does not', () => {
    const stage = new FoldedHub({ membersMax: 2 });
    stage.happen(joined(A), joined(B), says(B, 'hi'));
    const { subscription } = stage.begin(A);
    stage.happen(joined(C));
    expect(brief(stage.told(subscription))).toEqual(['forget @b:x', '!r:x off']);
    stage.happen(left(C));
    expect(brief(stage.told(subscription))).toEqual(['@b:x offline "hi"', '!r:x full']);
  });
});

describe('a client that comes back is told', () => {
  test('of whom was announced since, and of nobody else', () => {
    const stage = room(B, C);
    const { place } = stage;
    stage.happen(says(B, 'new'), { type: 'device.active', user_id: '@stranger:x' });
    expect(brief(stage.begin(A, place).frames)).toEqual(['@b:x offline "new"']);
  });

  test('to forget whom it saw, of whom it did not, and nothing of who came and went', () => {
    const stage = room(B);
    const { place } = stage;
    stage.happen(left(B), joined(C), joined('@d:x'), left('@d:x'));
    expect(brief(stage.begin(A, place).frames)).toEqual(['@c:x offline', 'forget @b:x']);
  });

  test('anew of somebody whose tie ended and began, in case it saw the end', () => {
    const stage = room(B);
    const { place } = stage;
    stage.happen(left(B), joined(B));
    expect(brief(stage.begin(A, place).frames)).toEqual(['@b:x offline "hi"']);
    stage.happen(left(B));
    expect(brief(stage.begin(A, place).frames)).toEqual(['forget @b:x']);
  });

  test('nothing of who hides, once it was told so', () => {
    const stage = room(B);
    const before = stage.place;
    stage.happen(shows(B, 'nobody'));
    const { place } = stage;
    stage.happen(connected(B), says(B, 'secret'));
    expect(stage.begin(A, place).frames).toEqual([]);
    expect(stage.begin(A, before).frames).toEqual([
      { type: 'm.presence', sender: B, content: { presence: 'offline' } },
    ]);
    stage.happen(shows(B, 'everyone'));
    expect(brief(stage.begin(A, place).frames)).toEqual(['@b:x online "secret"']);
  });

  test('nothing of a choice that changes nothing for it, be it shown or not', () => {
    const stage = room(B, C);
    stage.happen(shows(C, 'nobody'));
    const { place } = stage;
    stage.happen(shows(B, 'everyone', [C]), shows(C, 'contacts'), shows(A, 'contacts', [B]));
    expect(stage.begin(A, place).frames).toEqual([]);
  });

  test('in case it looks different, when more choices were made than are remembered', () => {
    const stage = room(B);
    const { place } = stage;
    stage.happen(shows(B, 'nobody'), shows(B, 'everyone'));
    expect(brief(stage.begin(A, place).frames)).toEqual(['@b:x offline "hi"']);
  });

  test('of a contact who shows itself to contacts, when it begins to follow them', () => {
    const stage = room(B);
    stage.happen(shows(B, 'contacts'), connected(B));
    const { place } = stage;
    stage.happen({ type: 'list.invited', user_id: A, observed: B, invitation: 'i' });
    stage.happen({ type: 'list.accepted', user_id: B, owner: A, invitation: 'i' });
    const followed = stage.place;
    expect(brief(stage.begin(A, place).frames)).toEqual(['@b:x online "hi"', 'accept @b:x']);
    stage.happen({ type: 'list.dropped', user_id: A, observed: B, invitation: 'i' });
    expect(stage.begin(A, followed).frames).toEqual([
      { type: 'm.presence', sender: B, content: { presence: 'offline' } },
    ]);
  });

  test('nothing, if it has missed nothing', () => {
    const stage = room(B);
    const { subscription, frames } = stage.begin(A, stage.place);
    expect(frames).toEqual([]);
    expect(subscription.hasNews).toBe(false);
  });
});

describe('a page', () => {
  /** In the order of their code units; by code points, or bytes, the last two would change places. */
  const USERS = ['@a:x', '@b:x', '@\u{1F600}:x', '@～:x'];

  test('goes by user id as code units have it, and each user comes once', () => {
    const stage = room(...USERS.slice(1));
    stage.happen(says(A, 'hi'));
    const seen: string[][] = [];
    let since: Place | null = null;
    while ((since === null || since.after !== null) && seen.length < 9) {
      const page = stage.hub.subscribe(A, since, () => undefined).subscription.page(1, 0);
      seen.push(brief(page.frames));
      since = page.place;
    }
    expect(seen).toEqual([...USERS.slice(0, 3).map((user) => [`snapshot ${user} …`]), [`snapshot ${USERS[3]}`]]);
  });

  test('has, besides the next users, what happened to those before', () => {
    const stage = room(B, C, '@e:x', '@f:x');
    const { place } = stage.hub.subscribe(A, null, () => undefined).subscription.page(3, 0);
    expect(place.after).toBe(C);
    stage.happen(says(B, 'new'), left(C), joined('@bb:x'), left('@f:x'), joined('@g:x'), says('@g:x', 'hi'));
    const { subscription } = stage.hub.subscribe(A, place, () => undefined);
    const page = subscription.page(10, 0);
    expect(brief(page.frames)).toEqual(['snapshot @e:x @g:x', '@b:x offline "new"', '@bb:x offline', 'forget @c:x']);
    expect(page.place).toEqual(stage.place);
    expect(subscription.hasNews).toBe(false);
  });

  test('keeps nothing of the users for whom there was no room', () => {
    const stage = room(B, C);
    const { subscription } = stage.hub.subscribe(A, null, () => undefined);
    expect(brief(subscription.page(2, 0).frames)).toEqual(['snapshot @b:x …']);
    expect(subscription.hasNews).toBe(false);
  });

  test('has all there is of rooms and lists', () => {
    const stage = new FoldedHub({ excluded: ['!r:x'] });
    stage.happen(joined(A), invited(B, A, 'i'));
    const page = stage.hub.subscribe(A, null, () => undefined).subscription.page(1, 0);
    expect(brief(page.frames)).toEqual(['snapshot', '!r:x off', 'invite @b:x']);
  });

  test('of a client that knows everything has changes only', () => {
    const stage = room(B, C);
    const { place } = stage;
    stage.happen(says(B, 'new'), left(C));
    const page = stage.hub.subscribe(A, place, () => undefined).subscription.page(1, 0);
    expect(brief(page.frames)).toEqual(['@b:x offline "new"', 'forget @c:x']);
    expect(page.place).toEqual(stage.place);
  });

  test('of all tells of everybody, be they offline or told before, and of whom is to be forgotten', () => {
    const stage = room(B, C);
    const { place } = stage;
    stage.happen(left(C), joined('@d:x'));
    const { subscription } = stage.hub.subscribe(A, place, () => undefined);
    subscription.tellAll();
    const { frames, place: end } = subscription.page(1, 0);
    expect(brief(frames).sort()).toEqual(['@a:x offline', '@b:x offline "hi"', '@d:x offline', 'forget @c:x']);
    expect(end).toEqual(stage.place);
  });

  test('of all goes before a snapshot', () => {
    const stage = room(B);
    const { subscription } = stage.hub.subscribe(A, null, () => undefined);
    subscription.tellAll();
    expect(brief(subscription.page(1, 0).frames)).toEqual(['@a:x offline', '@b:x offline "hi"']);
  });
});

describe('a stream that goes on within a snapshot', () => {
  test('gets the rest as a snapshot, and no token before it was told what happened to those before', () => {
    const stage = room(B, C);
    const { place } = stage.hub.subscribe(A, null, () => undefined).subscription.page(2, 0);
    stage.happen(says(B, 'new'));
    const { subscription } = stage.hub.subscribe(A, place, () => undefined);
    const first = subscription.flush(0);
    expect(brief(first.frames)).toEqual(['snapshot @c:x']);
    expect(first.place).toBeNull();
    const second = subscription.flush(0);
    expect(brief(second.frames)).toEqual(['@b:x offline "new"']);
    expect(second.place).toEqual(stage.place);
  });

  test('has its token with the snapshot when nothing has happened', () => {
    const stage = room(B, C);
    const { place } = stage.hub.subscribe(A, null, () => undefined).subscription.page(2, 0);
    const { subscription } = stage.hub.subscribe(A, place, () => undefined);
    expect(subscription.flush(0)).toMatchObject({ frames: [{ type: 'snapshot' }], place: stage.place });
    expect(subscription.hasNews).toBe(false);
  });
});
