import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserEvent } from '#domain/events';
import { Fold } from '#domain/fold';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Delivery } from '#delivery/delivery';
import type { Frame } from '#delivery/frame';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { silentLog } from '#runtime/log';
import { MovableClock } from '../../../test/support/movable-clock.ts';
import { brief, joined, left, says, shows } from './folded-hub.ts';
import { accepted, denied, dropped, invited } from './folded-view.ts';

const A = '@a:x';
const B = '@b:x';
const DAY_MS = 24 * 3_600_000;

/** A node on the embedded log, which keeps of each key only the latest record, and a projector that folds days at once. */
async function stage(directory: string) {
  const clock = new MovableClock();
  const log = LmdbLog.open({ directory, clock, partitionCount: 1 });
  const owner = await log.own(0);
  const fold = new Fold();
  let offset = 0;
  /** Each event a day after the one before, all in one commit. */
  const commit = async (...events: readonly UserEvent[]): Promise<void> => {
    for (const event of events) {
      fold.apply({ offset, timestamp: offset * DAY_MS, key: event.user_id, decoded: { event } });
      offset++;
    }
    const records = toRecords(fold.drain(), checkpointRecord(log.logId, fold.checkpoint()));
    await owner.commit(
      records.map(({ key, value }) => ({ topic: 'state', key, value: value === null ? null : JSON.stringify(value) })),
    );
  };
  const delivery = new Delivery({
    log,
    clock,
    logger: silentLog,
    tokenKey: Buffer.alloc(32, 1),
    roomPolicy: { membersMax: 10, excluded: new Set() },
    flushMs: 0,
  });
  /** Resolves when the node has read it all. */
  const caughtUp = async (): Promise<void> => {
    while (!delivery.isReady || delivery.lags().some(({ records }) => records > 0)) await settle();
    await settle();
  };
  const close = async (): Promise<void> => {
    await delivery.stop();
    await log.close();
  };
  return { commit, delivery, caughtUp, close };
}

/** Lets what is due happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a node that reads what was forgotten before it was read', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'presently-late-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('does not go on showing whom one sees no more', async () => {
    const { commit, delivery, caughtUp, close } = await stage(directory);
    await commit(joined(A), joined(B), says(B, 'hi'));
    delivery.start();
    await caughtUp();
    expect(delivery.status(A, B)).toMatchObject({ statusMsg: 'hi' });
    await commit(left(B), says(A, 'later'), says(A, 'much later'));
    await caughtUp();
    expect(delivery.status(A, A)).toMatchObject({ statusMsg: 'much later' });
    expect(delivery.status(A, B)).toBeNull();
    await close();
  });

  test('does not go on with a list whose owner was removed, nor with one that was dropped', async () => {
    const { commit, delivery, caughtUp, close } = await stage(directory);
    await commit(invited(A, B, 'i1'), accepted(B, A, 'i1'), says(B, 'hi'));
    delivery.start();
    await caughtUp();
    expect(delivery.status(A, B)).toMatchObject({ statusMsg: 'hi' });
    await commit({ type: 'user.removed', user_id: A }, says(B, 'later'), says(B, 'much later'));
    await caughtUp();
    expect(delivery.status(B, B)).toMatchObject({ statusMsg: 'much later' });
    expect(delivery.status(A, B)).toBeNull();
    await close();
  });

  test('does not know an account that was removed, nor whom it let see it', async () => {
    const { commit, delivery, caughtUp, close } = await stage(directory);
    await commit(joined(A), says(B, 'hi'), shows(B, 'nobody'));
    delivery.start();
    await caughtUp();
    expect(delivery.stateFor(null, B)).toMatchObject({ statusMsg: 'hi' });
    await commit({ type: 'user.removed', user_id: B }, says(A, 'later'), says(A, 'much later'));
    await caughtUp();
    expect(delivery.stateFor(null, B)).toBeNull();
    expect(delivery.current().choiceOf(B)).toEqual({ showTo: 'everyone', blocked: [] });
    await close();
  });

  test('tells those who listen to forget', async () => {
    const { commit, delivery, caughtUp, close } = await stage(directory);
    await commit(joined(A), invited(A, B, 'i'), accepted(B, A, 'i'), joined('@c:x'), joined('@d:x'));
    delivery.start();
    await caughtUp();
    const sent: Frame[] = [];
    const connection = delivery.connect(A, null, { send: (frames) => sent.push(...frames) > 0, end: () => undefined });
    connection.pump();
    const removed: UserEvent = { type: 'user.removed', user_id: '@d:x' };
    await commit(left('@c:x'), removed, dropped(A, B, 'i'), says(A, 'later'), says(A, 'much later'));
    await caughtUp();
    connection.pump();
    expect(brief(sent).sort()).toEqual([
      '@a:x offline "much later"',
      ...[B, '@c:x', '@d:x'].map((user) => `forget ${user}`),
      'snapshot',
    ]);
    await close();
  });

  test('has a new account asked anew what the old one denied', async () => {
    const { commit, delivery, caughtUp, close } = await stage(directory);
    await commit(invited(A, B, 'i'), denied(B, A, 'i'));
    delivery.start();
    await caughtUp();
    expect(delivery.current().invitation(A, B)).toMatchObject({ state: 'denied' });
    await commit({ type: 'user.removed', user_id: B }, says(A, 'later'), says(B, 'new'));
    await caughtUp();
    expect(delivery.current().invitation(A, B)).toMatchObject({ state: 'pending' });
    await close();
  });

  test('knows a new account from the old one', async () => {
    const { commit, delivery, caughtUp, close } = await stage(directory);
    await commit(joined(A), joined(B), shows(B, 'nobody'), says(B, 'old'));
    delivery.start();
    await caughtUp();
    await commit(
      { type: 'user.removed', user_id: B },
      says(A, 'later'),
      says(A, 'much later'),
      joined(B),
      says(B, 'new'),
    );
    await caughtUp();
    expect(delivery.status(A, B)).toMatchObject({ statusMsg: 'new' });
    await close();
  });
});
