import { Registry } from 'prom-client';
import { Delivery } from '#delivery/delivery';
import { deliveryMetrics } from '#delivery/metrics';
import { Fold } from '#domain/fold';
import type { CheckpointRecord } from '#domain/state-records';
import { CHECKPOINT_KEY, checkpointRecord, toRecords } from '#domain/state-records';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { Batch, BatchHandler, Ownership, Start, Topic } from '#message-log/message-log';
import { silentLog } from '#runtime/log';
import { MovableClock } from '../../../test/support/movable-clock.ts';
import { joined } from './folded-hub.ts';

/** A log whose followers are given other batches than there are. */
class AlteredLog extends MemoryLog {
  alter: (batch: Batch) => Batch | null = (batch) => batch;

  override follow(topic: Topic, from: readonly Start[], handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const altered = async (partition: number, batch: Batch): Promise<void> => {
      const given = this.alter(batch);
      if (given !== null) await handler(partition, given);
    };
    return super.follow(topic, from, altered, signal);
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('records that a node should have read and did not are counted', () => {
  let log: AlteredLog;
  let clock: MovableClock;
  let owner: Ownership;
  let delivery: Delivery;
  let registry: Registry;
  let fold: Fold;
  let number: number;

  beforeEach(async () => {
    clock = new MovableClock();
    log = new AlteredLog({ logId: 'log', partitionCount: 1, clock });
    owner = await log.own(0);
    registry = new Registry();
    fold = new Fold();
    number = 0;
    delivery = new Delivery({
      log,
      clock,
      logger: silentLog,
      tokenKey: Buffer.alloc(32, 1),
      roomPolicy: { membersMax: 10, excluded: new Set() },
      flushMs: 0,
      observer: deliveryMetrics(registry, 1, () => delivery),
    });
  });
  afterEach(async () => {
    await delivery.stop();
    await log.close();
  });

  /** One commit a user, each a membership and a checkpoint; `isNumbered`: by a projector that numbers them. */
  const commit = async (userId: string, isNumbered = true): Promise<void> => {
    fold.apply({ offset: number++, timestamp: number, key: userId, decoded: { event: joined(userId) } });
    const checkpoint = checkpointRecord('log', fold.checkpoint(), isNumbered ? number : undefined);
    const records = toRecords(fold.drain(), checkpoint);
    await owner.commit(records.map(({ key, value }) => ({ topic: 'state', key, value: JSON.stringify(value) })));
    await settle();
    await settle();
  };
  const start = async (): Promise<void> => {
    delivery.start();
    while (!delivery.isReady) await settle();
  };
  const counted = async (name: string): Promise<number> => {
    const metric = await registry.getSingleMetric(`presently_${name}_total`)?.get();
    return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? NaN;
  };
  const isCheckpoint = (key: string | null): boolean => key === CHECKPOINT_KEY;

  test('none, when all is read: what there was, and what comes', async () => {
    await commit('@a:x');
    await start();
    for (const user of ['@b:x', '@c:x', '@d:x']) await commit(user);
    expect(await counted('delivery_checkpoints')).toBe(4);
    expect(await counted('delivery_changes')).toBe(2 + 4 * 2); // the owner’s markers, users and memberships
    expect(await counted('lost_records')).toBe(0);
  });

  test('a checkpoint that is passed over, with all its commit', async () => {
    await start();
    await commit('@a:x');
    log.alter = ({ records, from, ...batch }) => ({ ...batch, from, records: records.filter(() => number !== 2) });
    for (const user of ['@b:x', '@c:x']) await commit(user);
    expect(await counted('lost_records')).toBe(1);
    for (const user of ['@d:x', '@e:x']) await commit(user);
    expect(await counted('lost_records')).toBe(1);
  });

  test('several checkpoints, without the rest of their commits', async () => {
    await start();
    await commit('@a:x');
    log.alter = (batch) => ({
      ...batch,
      records: batch.records.filter(({ key }) => number === 5 || !isCheckpoint(key)),
    });
    for (const user of ['@b:x', '@c:x', '@d:x', '@e:x']) await commit(user);
    expect(await counted('lost_records')).toBe(3);
  });

  test('a stretch at which nobody has looked', async () => {
    await start();
    await commit('@a:x', false);
    log.alter = (batch) => (number === 2 ? null : batch);
    for (const user of ['@b:x', '@c:x']) await commit(user, false);
    expect(await counted('lost_records')).toBe(3); // a user, a membership and a checkpoint
  });

  test('none, when compaction has taken them away', async () => {
    await commit('@a:x');
    await start();
    log.alter = () => {
      throw new Error('The log is away.');
    };
    for (const user of ['@b:x', '@c:x', '@d:x', '@e:x']) await commit(user);
    log.compact();
    log.alter = (batch) => batch;
    clock.move(10_000);
    for (const user of ['@f:x', '@g:x']) await commit(user);
    expect(delivery.stateFor(null, '@g:x')).not.toBeNull();
    expect(await counted('lost_records')).toBe(0);
  });

  test('none, when the projector that writes does not number its checkpoints, or begins to', async () => {
    await start();
    for (const user of ['@a:x', '@b:x']) await commit(user, false);
    for (const user of ['@c:x', '@d:x']) await commit(user);
    await commit('@e:x', false);
    await commit('@f:x');
    expect(await counted('lost_records')).toBe(0);
  });

  test('the numbers are in the records', async () => {
    for (const user of ['@a:x', '@b:x']) await commit(user);
    const numbers: (number | undefined)[] = [];
    for await (const { records } of log.read('state', 0, 0)) {
      for (const { key, value } of records) {
        if (isCheckpoint(key)) numbers.push((JSON.parse(String(value)) as CheckpointRecord).number);
      }
    }
    expect(numbers).toEqual([1, 2]);
  });
});
