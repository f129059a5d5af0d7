import { jest } from '@jest/globals';
import { ConfigResourceTypes, Kafka } from 'kafkajs';
import { LIVE_POLICY } from '#domain/policy';
import type { StateRecord } from '#domain/state-records';
import { FencedError, LogConfigError } from '#message-log/errors';
import { writeGenesis } from '#message-log/genesis';
import { createKafkaLog } from '#message-log/kafka/create-log';
import type { KafkaLog } from '#message-log/kafka/kafka-log';
import { Projector } from '#projector/projector';
import { systemClock } from '#runtime/clock/system-clock';
import { silentLog } from '#runtime/log';
import { Follower, readValues } from '../contract/reading.ts';
import { deleteRecords } from '../support/kafka/delete-records.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { clientConfig } from '../support/kafka/kafka-connection.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';

jest.setTimeout(60_000);

/** What kafkajs and Kafka do that would break a promise, each with the cure that this test fails without. */
describeKafka('traps of kafkajs', (connection) => {
  let log: KafkaLog;
  let prefix = '';
  beforeEach(async () => {
    prefix = freshPrefix();
    const topics = { partitionCount: 1, replicationFactor: -1, kind: 'live' as const, retentionMs: -1 };
    log = await createKafkaLog({ ...connection(), clientId: 'traps', prefix, clock: systemClock, ...topics });
  });
  afterEach(() => log.close());

  const kafka = (): Kafka => new Kafka(clientConfig(connection()));

  /** Writes in a transaction of somebody else's, and ends it. */
  async function transact(topic: string, values: readonly string[], end: 'commit' | 'abort'): Promise<void> {
    const producer = kafka().producer({ transactionalId: `${prefix}other`, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({
      topic: `${prefix}${topic}`,
      messages: values.map((value) => ({ key: '@a:x', value, partition: 0 })),
    });
    await transaction[end]();
    await producer.disconnect();
  }

  test('an epoch is asked for with the first transaction only: both ids are fenced before the restore all the same', async () => {
    for (const commits of [0, 1]) {
      const zombie = await log.own(0);
      for (let n = 0; n < commits; n++) await zombie.commit([{ topic: 'state', key: 'a', value: 'before' }]);
      await log.own(0);
      await expect(zombie.commit([{ topic: 'state', key: 'a', value: 'zombie' }])).rejects.toThrow(FencedError);
    }
    expect(await readValues(log, 'state', 0)).not.toContain('zombie');
  });

  test('a batch of nothing but aborted records and markers is never handed over: reading ends, and a follower hears', async () => {
    await log.append('dead-letters', [{ key: null, value: 'seen', partition: 0 }]);
    await transact('dead-letters', ['aborted'], 'abort');
    expect(await readValues(log, 'dead-letters', 0)).toEqual(['seen']);
    const { next } = await log.range('dead-letters', 0);
    const follower = new Follower(log, 'dead-letters', 0, 1);
    while (follower.batches.at(-1)?.next !== next) await new Promise((resolve) => setTimeout(resolve, 10));
    await follower.stop();
    expect(follower.values).toEqual([]);
  });

  test('markers of an upstream’s transactions take offsets: its events are folded, and time goes on after them', async () => {
    const policy = { ...LIVE_POLICY, activeForMs: 500, idleAfterMs: 1_500, offlineAfterMs: 3_000 };
    await writeGenesis(log, policy);
    const projector = new Projector({ log, clock: systemClock, policy, logger: silentLog });
    const running = projector.run();
    const follower = new Follower(log, 'state', 0, 0);
    await transact('events', [JSON.stringify({ type: 'device.active', user_id: '@a:x' })], 'commit');
    const presences = (): string[] =>
      follower.values.flatMap((value) => {
        const record = JSON.parse(value) as StateRecord;
        return record.kind === 'user' && record.announcement !== null ? [record.presence] : [];
      });
    while (presences().at(-1) !== 'offline') await new Promise((resolve) => setTimeout(resolve, 10));
    expect([...new Set(presences())]).toEqual(['online', 'unavailable', 'offline']);
    await projector.stop();
    await running;
    await follower.stop();
  });

  test('an offset that was deleted is silently read from elsewhere: here it is an error that says so', async () => {
    await log.append(
      'events',
      ['1', '2', '3'].map((value) => ({ key: null, value, partition: 0 })),
    );
    await deleteRecords(connection(), `${prefix}events`, [{ partition: 0, offset: 2 }]);
    const follower = new Follower(log, 'events', 0, 0);
    await expect(follower.ended).rejects.toThrow(LogConfigError);
    await expect(follower.ended).rejects.toThrow('begins at offset 2, and 0 was to be read next');
    expect(follower.values).toEqual([]);
  });

  test('records over the brokers’ limit of a batch are sent in parts', async () => {
    const large = 'x'.repeat(400_000);
    await log.append(
      'events',
      Array.from({ length: 6 }, () => ({ key: null, value: large, partition: 0 })),
    );
    const owner = await log.own(0);
    await owner.commit(Array.from({ length: 6 }, (_, n) => ({ topic: 'state', key: `${n}`, value: large })));
    await owner.commit([{ topic: 'state', key: 'huge', value: large.repeat(10) }]);
    expect((await readValues(log, 'events', 0)).length).toBe(6);
    expect((await readValues(log, 'state', 0)).filter((value) => value.startsWith('xx')).length).toBe(7);
  });

  test('what is left of a compacted batch lies before what is asked for: reading goes on after it', async () => {
    const admin = kafka().admin();
    await admin.connect();
    const settings = { 'cleanup.policy': 'compact', 'segment.ms': '500', 'min.cleanable.dirty.ratio': '0.001' };
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: `${prefix}state`, configEntries }];
    await admin.alterConfigs({ validateOnly: false, resources });
    await admin.disconnect();
    const large = 'x'.repeat(600_000); // two batches of these don't go into one fetch
    for (const key of ['a', 'b', 'c', 'd']) {
      const records = [
        { key, value: large, partition: 0 },
        { key: 'checkpoint', value: 'checkpoint', partition: 0 },
      ];
      await log.append('state', records);
      await new Promise((resolve) => setTimeout(resolve, 1_000)); // a new segment
    }
    let values: string[];
    do values = await readValues(log, 'state', 0);
    while (values.filter((value) => value === 'checkpoint').length > 2);
    expect(values.filter((value) => value === large)).toHaveLength(4);
  });
});
