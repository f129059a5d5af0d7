import { describeKafka, describeKafkaCluster, KAFKA_START_MS_MAX } from '../support/kafka/describe-kafka.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { makeTopic, NumberSender, readValues, send } from './topic.ts';

const CLUSTER_TEST_MS_MAX = 90_000;

describeKafka('the Kafka that suites share', (connection) => {
  test('keeps what is sent to it', async () => {
    const topic = `${freshPrefix()}events`;
    await makeTopic(connection(), topic);
    await send(connection(), topic, ['one', 'two', 'three']);
    expect(await readValues(connection(), topic)).toEqual(['one', 'two', 'three']);
  });

  test('makes no topics by itself', async () => {
    const topic = `${freshPrefix()}nobody-made-me`;
    await expect(send(connection(), topic, ['one'])).rejects.toThrow(/does not host this topic-partition/);
  });
});

describeKafkaCluster('one broker', () => {
  let cluster: KafkaCluster | undefined;
  afterEach(() => cluster?.dispose());

  test(
    'that ends in order comes back with what it had',
    async () => {
      cluster = await startKafkaCluster();
      const [broker] = cluster.brokers;
      await makeTopic(cluster.connection, 'events');
      await send(cluster.connection, 'events', ['before']);
      await broker?.stop();
      broker?.start();
      await cluster.ready();
      await send(cluster.connection, 'events', ['after']);
      expect(await readValues(cluster.connection, 'events')).toEqual(['before', 'after']);
    },
    KAFKA_START_MS_MAX,
  );

  test(
    'that cannot start says why',
    async () => {
      const properties = { 'log.cleaner.dedupe.buffer.size': 'much' };
      await expect(startKafkaCluster({ properties })).rejects.toThrow(
        /Broker 1 does not run.*ConfigException: Invalid value much/s,
      );
    },
    KAFKA_START_MS_MAX,
  );
});

describeKafkaCluster('three brokers', () => {
  let cluster: KafkaCluster;
  let sender: NumberSender | undefined;
  beforeAll(async () => {
    cluster = await startKafkaCluster({ brokerCount: 3 });
  }, KAFKA_START_MS_MAX);
  afterEach(() => sender?.stop());
  afterAll(() => cluster?.dispose());

  test(
    'lose nothing that was acknowledged when one is killed and comes back',
    async () => {
      const topic = `${freshPrefix()}events`;
      await makeTopic(cluster.connection, topic);
      sender = new NumberSender(cluster.connection, topic);
      await sender.acknowledgedMore(100);
      const killed = await cluster.leader(topic, 0);
      await killed.kill();
      await sender.acknowledgedMore(100);
      expect((await cluster.leader(topic, 0)).nodeId).not.toBe(killed.nodeId);
      killed.start();
      await cluster.ready();
      await sender.acknowledgedMore(100);
      const acknowledged = await sender.stop();
      const read = new Set(await readValues(cluster.connection, topic));
      expect(acknowledged.length).toBeGreaterThanOrEqual(300);
      expect(acknowledged.filter((value) => !read.has(value))).toEqual([]);
    },
    CLUSTER_TEST_MS_MAX,
  );

  test(
    'go on without one that stands still, and take it in again',
    async () => {
      const topic = `${freshPrefix()}events`;
      await makeTopic(cluster.connection, topic);
      sender = new NumberSender(cluster.connection, topic);
      await sender.acknowledgedMore(100);
      const paused = await cluster.leader(topic, 0);
      paused.pause();
      await sender.acknowledgedMore(100);
      expect((await cluster.leader(topic, 0)).nodeId).not.toBe(paused.nodeId);
      paused.resume();
      await cluster.ready();
      await sender.acknowledgedMore(100);
      const acknowledged = await sender.stop();
      const read = new Set(await readValues(cluster.connection, topic));
      expect(acknowledged.filter((value) => !read.has(value))).toEqual([]);
    },
    CLUSTER_TEST_MS_MAX,
  );
});
