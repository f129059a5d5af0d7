import { Decoder } from '#domain/codes';
import type { UserEvent } from '#domain/events';
import { Fold } from '#domain/fold';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Delivery } from '#delivery/delivery';
import { viewRows } from '#delivery/view-image';
import { MemoryLog } from '#message-log/memory/memory-log';
import { silentLog } from '#runtime/log';
import { Images } from '#service/images/images';
import { MemoryImages } from '#service/images/memory-images';
import { MovableClock } from '../../../test/support/movable-clock.ts';
import { connected, joined, left, removed, says, shows } from './folded-hub.ts';
import { accepted, denied, invited } from './folded-view.ts';

const [A, B, C, D] = ['@a:x', '@b:x', '@c:x', '@d:x'];
const HOUR_MS = 3_600_000;

/** A log with one partition, what a projector writes to it, and nodes that keep their images at one place. */
class Stage {
  private readonly clock = new MovableClock();
  private readonly log = new MemoryLog({ logId: 'log', partitionCount: 1, clock: this.clock });
  private readonly store = new MemoryImages();
  private readonly fold = new Fold();
  private readonly owner = this.log.own(0);
  private offset = 0;
  readonly events: string[] = [];

  /** Each event in a commit of its own, at this hour of the log's time. */
  async commit(hour: number, ...events: readonly UserEvent[]): Promise<void> {
    const owner = await this.owner;
    for (const event of events) {
      this.fold.apply({ offset: this.offset++, timestamp: hour * HOUR_MS, key: event.user_id, decoded: { event } });
      const records = toRecords(this.fold.drain(), checkpointRecord('log', this.fold.checkpoint()));
      await owner.commit(
        records.map(({ key, value }) => ({ topic: 'state', key, value: value && JSON.stringify(value) })),
      );
    }
  }

  async node({ hasImages = true } = {}): Promise<Delivery> {
    const { log, clock, store } = this;
    const note = (event: string): unknown => event.startsWith('image.') && this.events.push(event);
    const logger = { ...silentLog, info: note, warn: note };
    const delivery = new Delivery({
      log,
      clock,
      logger,
      tokenKey: Buffer.alloc(32, 1),
      roomPolicy: { membersMax: 10, excluded: new Set() },
      flushMs: 0,
      images: hasImages ? new Images({ store, log, clock, logger, recordsMin: 1, everyMs: 100, frameLength: 1 }) : null,
    });
    delivery.start();
    await this.until(() => delivery.isReady);
    return delivery;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      this.clock.move(20);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** All that a node knows, in an order that does not depend on how it came to know it. */
function known(node: Delivery): string[] {
  const rooms = new Decoder((id) => id);
  const rows = [...viewRows(node.current())].map((row) => {
    if (row[0] === 'record') return row;
    const [kind, userId, state, first, others] = row;
    const memberships: unknown[] = [];
    for (let i = 0; i < first.length; i += 3) {
      memberships.push([rooms.value(first[i] ?? ''), first[i + 1], first[i + 2]]);
    }
    for (const [room, span] of others) memberships.push([rooms.value(room), span]);
    return [kind, userId, state, ...memberships.map((membership) => JSON.stringify(membership)).sort()];
  });
  return rows.map((row) => JSON.stringify(row)).sort();
}

test('a node that begins from an image knows what one knows that has read everything, and forgets it as that one does', async () => {
  const stage = new Stage();
  await stage.commit(
    0,
    joined(A, '!t:x'),
    left(A, '!t:x'),
    joined(A),
    joined(B),
    joined(C, '!s:x'),
    joined(D),
    left(D),
    connected(A),
    says(B, 'hi'),
  );
  await stage.commit(
    1,
    left(B),
    joined(B),
    joined(B, '!s:x'),
    left(C, '!s:x'),
    invited(A, C, 'i1'),
    invited(C, A, 'i2'),
  );
  await stage.commit(
    2,
    accepted(C, A, 'i1'),
    denied(A, C, 'i2'),
    shows(B, 'nobody'),
    shows(B, 'contacts', [C]),
    removed(D),
  );
  const first = await stage.node();
  await stage.until(() => stage.events.includes('image.taken'));
  await stage.commit(3, says(A, 'later'), left(A), invited(B, A, 'i3'));
  await stage.until(() => first.stateFor(null, A)?.statusMsg === 'later');
  stage.events.length = 0;
  const nodes = [first, await stage.node(), await stage.node({ hasImages: false })];
  expect(stage.events).toContain('image.restored');
  const [known1, known2, known3] = nodes.map(known);
  expect(known2).toEqual(known3);
  expect(known1).toEqual(known3);
  expect(known1?.length).toBeGreaterThan(9);

  await stage.commit(40, says(A, 'a day later')); // by then all that has ended is forgotten
  await stage.until(() => nodes.every((node) => node.stateFor(null, A)?.statusMsg === 'a day later'));
  expect(known(nodes[1] ?? first)).toEqual(known(first));
  expect(known(first).length).toBeLessThan(known1?.length ?? 0);
  let isStopped = false;
  void Promise.all(nodes.map((node) => node.stop())).then(() => (isStopped = true));
  await stage.until(() => isStopped);
});
