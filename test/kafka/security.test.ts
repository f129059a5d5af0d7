import { KafkaLog } from '#message-log/kafka/kafka-log';
import { createKafkaLog } from '#message-log/kafka/create-log';
import { systemClock } from '#runtime/clock/system-clock';
import { readValues } from '../contract/reading.ts';
import { describeKafkaCluster } from '../support/kafka/describe-kafka.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';

const START_MS_MAX = 400_000;

describeKafkaCluster('a Kafka that asks who is there', () => {
  let cluster: KafkaCluster | undefined;
  afterEach(() => cluster?.dispose());

  test.each(['sasl_plaintext', 'ssl'] as const)(
    'takes the log by %s, and nobody without it',
    async (security) => {
      cluster = await startKafkaCluster({ security });
      const { brokers, ...credentials } = cluster.connection;
      const options = { brokers, clientId: 'test', prefix: 'test-', clock: systemClock };
      const topics = { partitionCount: 1, replicationFactor: -1, kind: 'live' as const, retentionMs: -1 };
      const log = await createKafkaLog({ ...options, ...credentials, ...topics });
      await log.append('events', [{ key: null, value: 'seen', partition: 0 }]);
      const owner = await log.own(0);
      await owner.commit([{ topic: 'state', key: 'a', value: '1' }]);
      expect(await readValues(log, 'events', 0)).toEqual(['seen']);
      await log.close();
      await expect(KafkaLog.open(options)).rejects.toThrow(/^Kafka at .* cannot be used: /);
    },
    START_MS_MAX,
  );
});
