import type { Frame } from '#delivery/frame';
import type { PollAnswer, PollOptions } from '#delivery/long-poll';
import { LongPoll } from '#delivery/long-poll';
import type { Place } from '#delivery/place';
import { brief, FoldedHub, joined, left, says } from './folded-hub.ts';

const A = '@a:x';
const B = '@b:x';

/** Alice and Bob in one room. */
function stage(): FoldedHub {
  const hub = new FoldedHub();
  hub.happen(joined(A), joined(B), says(B, 'hi'));
  return hub;
}

/** A request of Alice's. */
function ask(hub: FoldedHub, since: Place | null, options: Partial<PollOptions<Frame>> = {}) {
  const poll = new LongPoll(A, since, hub.hub, hub.clock);
  let answer: PollAnswer<Frame> | null = null;
  const answered = poll.answer({
    since,
    tellAll: false,
    snapshotUsersMax: 10,
    timeoutMs: 30_000,
    items: (frames) => [...frames],
    ...options,
  });
  void answered.then(
    (given) => (answer = given),
    () => undefined,
  );
  return { poll, answered, now: (): PollAnswer<Frame> | null => answer };
}

/** Lets what is due happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a poll is answered', () => {
  test('at once, when the client knows nothing, be there nobody to see', async () => {
    const { answered } = ask(new FoldedHub(), null);
    expect(await answered).toMatchObject({ items: [{ type: 'snapshot', events: [] }], place: { after: null } });
  });

  test('at once, with what it has missed, and the place from which it misses nothing', async () => {
    const hub = stage();
    const { place } = hub;
    hub.happen(says(B, 'new'));
    const { items, place: next } = await ask(hub, place).answered;
    expect(brief(items)).toEqual(['@b:x offline "new"']);
    expect(next).toEqual(hub.place);
  });

  test('at once, when it is within a snapshot, or asks for everybody', async () => {
    const hub = stage();
    const { place } = await ask(hub, null, { snapshotUsersMax: 1 }).answered;
    expect(place.after).toBe(A);
    expect(brief((await ask(hub, place).answered).items)).toEqual(['snapshot @b:x']);
    const last = { ...place, after: '@z:x' };
    expect((await ask(hub, last).answered).items).toEqual([{ type: 'snapshot', events: [], more: false }]);
    expect((await ask(hub, hub.place, { tellAll: true }).answered).items).toHaveLength(2);
    expect((await ask(hub, hub.place, { tellAll: true, items: () => [] }).answered).items).toEqual([]);
  });

  test('when there is something to tell', async () => {
    const hub = stage();
    const { answered, now } = ask(hub, hub.place);
    hub.clock.move(10_000);
    await settle();
    expect(now()).toBeNull();
    hub.happen(says(B, 'new'));
    hub.clock.move(0);
    expect(brief((await answered).items)).toEqual(['@b:x offline "new"']);
    expect((await answered).place).toEqual(hub.place);
  });

  test('when time is up, with nothing, and where it stands now', async () => {
    const hub = stage();
    const { answered, now } = ask(hub, hub.place, { timeoutMs: 30_000 });
    hub.happen(says('@stranger:x', 'hi'));
    hub.clock.move(29_999);
    await settle();
    expect(now()).toBeNull();
    hub.clock.move(1);
    expect(await answered).toEqual({ items: [], place: hub.place });
  });

  test('without waiting, when there is no time', async () => {
    const hub = stage();
    expect(await ask(hub, hub.place, { timeoutMs: 0 }).answered).toEqual({ items: [], place: hub.place });
  });
});

describe('a poll goes on', () => {
  test('when what happened tells the client nothing', async () => {
    const hub = stage();
    const { answered, now } = ask(hub, hub.place, {
      items: (frames) => frames.filter(({ type }) => type === 'forget'),
    });
    for (const message of ['one', 'two']) {
      hub.happen(says(B, message), says('@stranger:x', message));
      hub.clock.move(0);
      await settle();
    }
    expect(now()).toBeNull();
    hub.happen(left(B));
    hub.clock.move(0);
    expect(brief((await answered).items)).toEqual(['forget @b:x']);
  });

  test('when what happened was undone, or concerns others', async () => {
    const hub = stage();
    const { now } = ask(hub, hub.place);
    hub.happen(says(B, 'new'), says(B, 'hi'), says('@stranger:x', 'hi'));
    hub.clock.move(0);
    await settle();
    expect(now()).toBeNull();
  });
});

describe('a poll that is closed', () => {
  test('is answered with what there is', async () => {
    const hub = stage();
    const { poll, answered } = ask(hub, hub.place);
    poll.close();
    poll.close();
    expect(await answered).toEqual({ items: [], place: hub.place });
  });

  test('does not pass over what comes in the same moment', async () => {
    const hub = stage();
    const { poll, answered } = ask(hub, hub.place);
    poll.close();
    hub.happen(says(B, 'new'));
    const { items, place } = await answered;
    expect(brief(items)).toEqual(['@b:x offline "new"']);
    expect(place).toEqual(hub.place);
  });

  test('before it was asked is answered at once', async () => {
    const hub = stage();
    const since = hub.place;
    const poll = new LongPoll(A, since, hub.hub, hub.clock);
    poll.close();
    const options = { since, tellAll: false, snapshotUsersMax: 1, timeoutMs: 1_000, items: () => [] };
    expect(await poll.answer(options)).toEqual({ items: [], place: since });
  });
});

test('nothing of a poll is left when it is answered, or fails', async () => {
  const hub = stage();
  await ask(hub, null).answered;
  const { answered } = ask(hub, null, {
    items: () => {
      throw new Error('no');
    },
  });
  await expect(answered).rejects.toThrow('no');
  const { answered: late } = ask(hub, hub.place);
  expect(hub.hub.subscriberCount).toBe(1);
  hub.clock.move(30_000);
  await late;
  expect(hub.hub.subscriberCount).toBe(0);
});
