import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';

// A program that starts a broker, says where, and never ends it.
const { brokers } = await startKafkaCluster();
console.log(brokers[0]?.address);
setInterval(() => undefined, 1_000);
