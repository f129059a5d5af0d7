import { Registry } from 'prom-client';
import { LIVE_POLICY } from '#domain/policy';
import type { CheckpointRecord } from '#domain/state-records';
import { CHECKPOINT_KEY } from '#domain/state-records';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { Batch } from '#message-log/message-log';
import { projectorMetrics } from '#projector/metrics';
import { PartitionWorker } from '#projector/partition-worker';
import { Projector } from '#projector/projector';
import { silentLog } from '#runtime/log';
import { MovableClock } from '../../../test/support/movable-clock.ts';

const clock = new MovableClock();
const policy = LIVE_POLICY;

describe('events that a projector should have read and did not are counted', () => {
  let log: MemoryLog;
  let registry: Registry;
  let worker: PartitionWorker;

  beforeEach(async () => {
    log = new MemoryLog({ logId: 'log', partitionCount: 1, clock });
    for (let n = 0; n < 10; n++)
      await log.append('events', [{ key: '@a:x', value: `{"type":"device.active","user_id":"@a:x"}` }]);
    registry = new Registry();
    worker = await started();
  });
  afterEach(() => worker.stop());

  async function started(): Promise<PartitionWorker> {
    const projector = new Projector({ log, clock, policy, logger: silentLog });
    registry.clear();
    const observer = projectorMetrics(registry, () => projector);
    const next = new PartitionWorker({ log, clock, partition: 0, policy, observer });
    await next.start();
    return next;
  }

  /** The records from `from` to before `to`, as the log gives them when somebody asks for them. */
  async function batch(from: number, to: number, without: readonly number[] = []): Promise<Batch> {
    for await (const { records, end } of log.read('events', 0, from)) {
      const some = records.filter(({ offset }) => offset < to && !without.includes(offset));
      return { records: some, from, holes: to - from - some.length, next: to, end };
    }
    throw new Error('There is nothing.');
  }

  const counted = async (name: string): Promise<number | undefined> =>
    (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
  const lost = (): Promise<number | undefined> => counted('presently_lost_records_total');

  test('none, from the start, when all comes', async () => {
    expect(await lost()).toBe(0);
    await worker.take(await batch(0, 4));
    await worker.take(await batch(4, 10));
    expect(await lost()).toBe(0);
    expect(await counted('presently_projector_records_taken_total')).toBe(10);
    expect(await counted('presently_projector_events_total')).toBe(10);
  });

  test('none, when records come again', async () => {
    await worker.take(await batch(0, 6));
    await worker.take(await batch(3, 8));
    expect(await lost()).toBe(0);
    expect(await counted('presently_projector_records_taken_total')).toBe(11);
    expect(await counted('presently_projector_events_total')).toBe(8);
  });

  test('offsets that hold nothing', async () => {
    await worker.take(await batch(0, 6, [2, 3]));
    expect(await lost()).toBe(2);
  });

  test('a stretch that was passed over, also right after a restore', async () => {
    await worker.take(await batch(0, 3));
    await worker.take(await batch(5, 6));
    expect(await lost()).toBe(2);
    worker = await started();
    expect(await lost()).toBe(0);
    await worker.take(await batch(9, 10));
    expect(await lost()).toBe(3);
  });

  test('each checkpoint has the next number, whoever writes it', async () => {
    await worker.take(await batch(0, 3));
    await worker.take(await batch(3, 4));
    worker = await started();
    await worker.take(await batch(4, 10));
    const numbers: (number | undefined)[] = [];
    for await (const { records } of log.read('state', 0, 0)) {
      for (const { key, value } of records) {
        if (key === CHECKPOINT_KEY) numbers.push((JSON.parse(String(value)) as CheckpointRecord).number);
      }
    }
    expect(numbers).toEqual([1, 2, 3]);
  });
});
