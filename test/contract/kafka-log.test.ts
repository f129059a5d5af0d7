import { createKafkaLog } from '#message-log/kafka/create-log';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import { systemClock } from '#runtime/clock/system-clock';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';
import { messageLogContract } from './message-log-contract.ts';
import type { OpenLog } from './open-log.ts';

describeKafka('on one broker', (connection) => {
  const open: OpenLog = async ({ partitionCount = 2, kind = 'live' } = {}) => {
    const options = { ...connection(), clientId: 'contract', prefix: freshPrefix(), clock: systemClock };
    const topics = { partitionCount, replicationFactor: -1, kind, retentionMs: -1 };
    let log = await createKafkaLog({ ...options, ...topics });
    return {
      log,
      moveClock: null,
      compact: () => Promise.resolve(), // the brokers do it in their own time
      reopen: async () => {
        await log.close();
        log = await KafkaLog.open(options);
        return log;
      },
      dispose: () => log.close(),
    };
  };
  messageLogContract('Kafka', open);
});
