import { startKafkaCluster } from './start-kafka-cluster.ts';

/**
 * `npm run kafka`: one broker, for development and benchmarks, until Ctrl-C; nothing of it is left then. With more memory than
 * a test's, so that its garbage collector is not what is measured.
 */
const cluster = await startKafkaCluster({ jvmOptions: ['-Xmx1g'] });
process.stdout.write(`export KAFKA_BROKERS=${cluster.connection.brokers.join(',')}\n`);
const waiting = setInterval(() => undefined, 60_000); // a broker does not keep its parent
const stop = (): void => {
  clearInterval(waiting);
  void cluster.dispose();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
