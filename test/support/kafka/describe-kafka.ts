import type { KafkaConnection } from './kafka-connection.ts';
import { findKafka, thisMachine } from './kafka-source.ts';
import { sayAtEnd } from './run-directory.ts';
import { sharedKafka } from './shared-kafka.ts';

/** For tests and hooks that start a Kafka: the first start of all fetches it. */
export const KAFKA_START_MS_MAX = 400_000;

const source = findKafka(thisMachine);

/**
 * `describe` for tests with a real Kafka, the one that all suites of the run share: names of topics, groups and transactional
 * ids need a `freshPrefix()`. Where there is none, the tests are skipped, and the run says so at its end; with CI=true
 * the suite fails.
 */
export function describeKafka(name: string, tests: (connection: () => KafkaConnection) => void): void {
  if (source.kind === 'none') return without(name, source.missing, () => tests(noConnection));
  describe(name, () => {
    let connection: KafkaConnection;
    beforeAll(async () => {
      connection = await sharedKafka(source);
    }, KAFKA_START_MS_MAX);
    tests(() => connection);
  });
}

/** `describe` for tests that start brokers of their own, by startKafkaCluster, and so also end them as they like. */
export function describeKafkaCluster(name: string, tests: () => void): void {
  if (source.kind === 'none') return without(name, source.missing, tests);
  if (source.kind === 'maven') {
    describe(name, tests);
    return;
  }
  sayAtEnd(
    `Kafka tests that kill brokers are SKIPPED: Kafka is ${source.kind === 'given' ? 'KAFKA_BROKERS' : "Docker's"}`,
  );
  describe.skip(name, tests);
}

function without(name: string, missing: string, tests: () => void): void {
  if (process.env.CI === 'true') throw new Error(`With CI=true the Kafka tests must run: ${missing}`);
  sayAtEnd(`Kafka tests are SKIPPED: ${missing}`);
  describe.skip(name, tests);
}

function noConnection(): never {
  throw new Error('A test that is skipped has no Kafka');
}
