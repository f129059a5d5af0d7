import type { UserEvent } from '#domain/events';
import { Fold } from '#domain/fold';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Delivery } from '#delivery/delivery';
import type { Frame } from '#delivery/frame';
import type { PollOptions } from '#delivery/long-poll';
import type { Place } from '#delivery/place';
import { ResumeTokens } from '#delivery/resume-token';
import { MemoryLog } from '#message-log/memory/memory-log';
import { silentLog } from '#runtime/log';
import { MovableClock } from '../../../test/support/movable-clock.ts';
import { brief, joined, says } from './folded-hub.ts';

const A = '@a:x';
const B = '@b:x';
const KEY = Buffer.alloc(32, 1);

/** A node, and what a projector commits for it to read. */
async function stage() {
  const clock = new MovableClock();
  const log = new MemoryLog({ logId: 'log', partitionCount: 1, clock });
  const owner = await log.own(0);
  const fold = new Fold();
  let offset = 0;
  const commit = async (...events: readonly UserEvent[]): Promise<void> => {
    for (const event of events) {
      fold.apply({ offset: offset++, timestamp: clock.now(), key: event.user_id, decoded: { event } });
    }
    const records = toRecords(fold.drain(), checkpointRecord(log.logId, fold.checkpoint()));
    await owner.commit(
      records.map(({ key, value }) => ({ topic: 'state', key, value: value === null ? null : JSON.stringify(value) })),
    );
    await settle();
  };
  const options = { log, clock, logger: silentLog, tokenKey: KEY, flushMs: 0 };
  const delivery = new Delivery({ ...options, roomPolicy: { membersMax: 10, excluded: new Set() } });
  const start = async (): Promise<void> => {
    delivery.start();
    await settle();
  };
  return { clock, commit, delivery, start, tokens: new ResumeTokens(KEY, 'log') };
}

/** Lets what is due happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const asking = (since: Place | null, timeoutMs = 0): PollOptions<Frame> => ({
  since,
  tellAll: false,
  snapshotUsersMax: 10,
  timeoutMs,
  items: (frames) => [...frames],
});

const stays = (): AbortSignal => new AbortController().signal;
const sink = { send: () => true, end: () => undefined };

test('a node that has not read all gives no answers', async () => {
  const { delivery, start } = await stage();
  expect(() => delivery.status(A, B)).toThrow('This node is still reading the state.');
  await expect(delivery.startOf(A, null)).rejects.toMatchObject({ status: 503 });
  await start();
  expect(delivery.status(A, B)).toBeNull();
});

describe('a client that comes with a token', () => {
  test('goes on from its place', async () => {
    const { commit, delivery, start, tokens } = await stage();
    await start();
    await commit(joined(A));
    const { token, place } = await delivery.poll(A, asking(null), stays());
    expect(tokens.open(A, token)).toEqual(place);
    expect(await delivery.startOf(A, token)).toEqual({ since: place, reset: null });
    expect(await delivery.startOf(A, null)).toEqual({ since: null, reset: null });
  });

  test('begins anew, and is told why, when it is not its own, or too old', async () => {
    const { clock, commit, delivery, start, tokens } = await stage();
    await start();
    await commit(joined(A), joined(B));
    const { token } = await delivery.poll(B, asking(null), stays());
    for (const bad of [token, '', 'x', tokens.seal(A, { cursor: [], after: null })]) {
      expect(await delivery.startOf(A, bad)).toEqual({ since: null, reset: expect.any(String) });
    }
    await commit({ type: 'room.left', user_id: B, room_id: '!r:x' });
    clock.move(25 * 3_600_000);
    await commit(says(A, 'later'));
    expect(await delivery.startOf(B, token)).toEqual({ since: null, reset: expect.any(String) });
  });

  test('of a node that is ahead waits for this one, but not for ever', async () => {
    const { clock, commit, delivery, start, tokens } = await stage();
    await start();
    const ahead = tokens.seal(A, { cursor: [{ offset: 2, step: 0 }], after: null });
    const refused = delivery.startOf(A, ahead);
    await settle();
    clock.move(5_000);
    await expect(refused).rejects.toMatchObject({ status: 503, more: { retryAfterMs: expect.any(Number) } });
    const reached = delivery.startOf(A, ahead);
    await commit(joined(A));
    await commit(joined(B));
    expect(await reached).toMatchObject({ since: { cursor: [{ offset: 2, step: 0 }] }, reset: null });
  });
});

describe('streams and polls', () => {
  test('of a user are at most a hundred, and leave room when they end', async () => {
    const { delivery, start } = await stage();
    await start();
    const connections = Array.from({ length: 99 }, () => delivery.connect(A, null, sink));
    const leaving = new AbortController();
    const since = { cursor: [{ offset: 0, step: 0 }], after: null };
    const poll = delivery.poll(A, asking(since, 60_000), leaving.signal);
    expect(() => delivery.connect(A, null, sink)).toThrow('A user can have 100 streams and polls at a time.');
    await expect(delivery.poll(A, asking(null), stays())).rejects.toMatchObject({ status: 429 });
    delivery.connect(B, null, sink);
    leaving.abort();
    expect(await poll).toMatchObject({ items: [] });
    for (const connection of connections) delivery.disconnect(connection);
    expect(delivery.connectionCount).toBe(1);
    delivery.connect(A, null, sink);
  });

  test('end when the node stops: a poll is answered, so that its client comes back at once', async () => {
    const { commit, delivery, start, tokens } = await stage();
    await start();
    await commit(joined(A), joined(B));
    let isEnded = false;
    delivery.connect(A, null, { ...sink, end: () => (isEnded = true) });
    const { place } = await delivery.poll(A, asking(null), stays());
    const poll = delivery.poll(A, asking(place, 60_000), stays());
    await delivery.stop();
    expect(isEnded).toBe(true);
    expect(tokens.open(A, (await poll).token)).toEqual(place);
    expect(delivery.connectionCount).toBe(0);
  });

  test('tell the same', async () => {
    const { clock, commit, delivery, start } = await stage();
    await start();
    await commit(joined(A), joined(B));
    const { place } = await delivery.poll(A, asking(null), stays());
    const sent: Frame[] = [];
    delivery.connect(A, place, { ...sink, send: (frames) => sent.push(...frames) > 0 }).pump();
    const poll = delivery.poll(A, asking(place, 60_000), stays());
    await commit(says(B, 'hi'));
    clock.move(0);
    expect(brief((await poll).items)).toEqual(['@b:x offline "hi"']);
    expect(sent).toEqual((await poll).items);
  });
});
