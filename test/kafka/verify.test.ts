import { jest } from '@jest/globals';
import type { Producer } from 'kafkajs';
import { Kafka } from 'kafkajs';
import { partitionOf } from '#domain/partitioner';
import type { UserRecord } from '#domain/state-records';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import type { Batch } from '#message-log/message-log';
import { systemClock } from '#runtime/clock/system-clock';
import { deleteRecords } from '../support/kafka/delete-records.ts';
import { describeKafka, KAFKA_START_MS_MAX } from '../support/kafka/describe-kafka.ts';
import { clientConfig } from '../support/kafka/kafka-connection.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import { LIVE_SETTINGS } from '../support/live-load.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { killProcesses } from '../support/source-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { traceFile } from '../support/trace.ts';
import { metricOf, sumOf, verify } from '../support/verify.ts';
import { Outcome } from './outcome.ts';

jest.setTimeout(300_000);
temporaryDirectory(); // ends the processes

const PARTITIONS = 2;
const AGREE =
  /^agree: 2 partitions, [\d,]+ events to offsets \d+, \d+, [\d,]+ users?, [\d,]+ ties?, \d+ dead letters?\b/;
const LOST = 'presently_lost_records_total';
const BOB = '@bob:x';

describeKafka('presently verify, and the counters of what was lost, on Kafka', (connection) => {
  let apps: KafkaApps;
  let log: KafkaLog;
  let prefix: string;

  beforeEach(async () => {
    apps = new KafkaApps(connection(), LIVE_SETTINGS);
    prefix = apps.env.PRESENTLY_TOPIC_PREFIX ?? '';
    await apps.run('topics', 'create', '--partitions', String(PARTITIONS));
    log = await KafkaLog.open({ ...connection(), clientId: 'test', prefix, clock: systemClock });
  }, KAFKA_START_MS_MAX);
  afterEach(async () => {
    await killProcesses();
    await log.close();
  });

  /** A producer of an upstream that writes in transactions. */
  async function transactional(): Promise<Producer> {
    const producer = new Kafka(clientConfig(connection())).producer({
      transactionalId: `${prefix}upstream`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    return producer;
  }

  const active = (n: number) => ({
    key: `@u${n % 20}:x`,
    value: JSON.stringify({ type: 'device.active', user_id: `@u${n % 20}:x` }),
    partition: partitionOf(`@u${n % 20}:x`, PARTITIONS),
  });

  async function everythingIsFolded(): Promise<void> {
    const outcome = new Outcome(log);
    await outcome.everythingIsFolded();
    await outcome.stop();
  }

  test('under load with a projector that is killed, all agrees, also what the nodes show, and nothing is lost', async () => {
    const file = traceFile();
    const [ingest, first, second, delivery] = await Promise.all(
      (['ingest', 'projector', 'projector', 'delivery'] as const).map((app) => apps.start(app)),
    );
    const all = [ingest, first, second, delivery] as ServerProcess[];
    for (const server of all) await server.ready();
    const loading = apps.run('load', file, '--url', ingest?.url ?? '', '--rate', '4000');
    expect(await verify([], apps.env)).toMatchObject({ code: 0, line: expect.stringMatching(AGREE) as string });
    await first?.process.kill('SIGKILL');
    expect(await verify([], apps.env)).toMatchObject({ code: 0, line: expect.stringMatching(AGREE) as string });
    await loading;
    await everythingIsFolded();
    expect(await verify(['--url', delivery?.url ?? ''], apps.env)).toMatchObject({
      code: 0,
      line: expect.stringMatching(AGREE) as string,
    });
    expect(Object.values(await metricOf(second as ServerProcess, LOST))).toEqual([0, 0]);
    expect(Object.values(await metricOf(delivery as ServerProcess, LOST))).toEqual([0, 0]);
    expect(await sumOf(ingest as ServerProcess, 'presently_events_refused_total')).toBe(0);
  });

  test('offsets that transactions take, committed or aborted, are no loss, neither read live nor from the start', async () => {
    const [early, delivery] = await Promise.all([apps.start('projector'), apps.start('delivery')]);
    await Promise.all([early.ready(), delivery.ready()]);
    const producer = await transactional();
    try {
      for (let n = 0; n < 60; n++) {
        const transaction = await producer.transaction();
        for (const one of [n, n + 1]) await transaction.send({ topic: `${prefix}events`, messages: [active(one)] });
        if (n % 3 === 0) await transaction.abort();
        else await transaction.commit();
      }
    } finally {
      await producer.disconnect();
    }
    await everythingIsFolded();
    const { line, code } = await verify(['--url', delivery.url], apps.env);
    expect([code, line]).toEqual([0, expect.stringMatching(AGREE)]);
    let [records, offsets] = [0, 0];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      offsets += (await log.range('events', partition)).next;
      for await (const batch of log.read('events', partition, 0)) records += batch.records.length;
    }
    expect(records).toBeLessThan(offsets - 60); // else there was nothing that could have been taken for a loss
    await early.process.kill('SIGTERM');
    const late = await apps.start('projector'); // it begins within what the transactions left
    await late.ready();
    for (const server of [late, delivery]) expect(Object.values(await metricOf(server, LOST))).toEqual([0, 0]);
    const batches: Batch[] = [];
    const stopping = new AbortController();
    const take = (_: number, batch: Batch): Promise<void> => {
      batches.push(batch);
      if (batch.next === batch.end) stopping.abort();
      return Promise.resolve();
    };
    await log.follow('events', [{ partition: 0, offset: 0 }], take, stopping.signal);
    expect(batches.map(({ holes }) => holes)).toEqual(batches.map(() => 0));
  });

  test('a record of the state that somebody else wrote is found, and events that were deleted are said to be', async () => {
    const [ingest, projector] = await Promise.all([apps.start('ingest'), apps.start('projector')]);
    await Promise.all([ingest.ready(), projector.ready()]);
    const partition = partitionOf(BOB, PARTITIONS);
    await ingest.accept({ type: 'status.set', user_id: BOB, status_msg: 'hello' });
    const outcome = new Outcome(log);
    await outcome.everythingIsFolded();
    const user = outcome.users.get(BOB) as UserRecord;
    await outcome.stop();
    const producer = new Kafka(clientConfig(connection())).producer();
    await producer.connect();
    const value = JSON.stringify({ ...user, status_msg: 'forged' });
    await producer.send({ topic: `${prefix}state`, acks: -1, messages: [{ key: `user|${BOB}`, value, partition }] });
    await producer.disconnect();
    await log.append('events', [{ key: null, value: '{"type":"tick"}', partition }]);
    await everythingIsFolded();
    expect(await verify([], apps.env)).toMatchObject({
      code: 1,
      line:
        `differ: partition ${partition}, user ${BOB}, at events offset ${user.at}: ` +
        'state says {"status_msg":"forged"}, fold says {"status_msg":"hello"}',
    });
    await deleteRecords(connection(), `${prefix}events`, [{ partition, offset: 1 }]);
    const { code, errors } = await verify([], apps.env);
    expect(code).toBe(1);
    expect(errors).toContain(`Partition ${partition} of the events begins at offset 1: what came before was deleted`);
  });
});
