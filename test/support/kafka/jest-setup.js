import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Only names the place where the suites' brokers will live, and the process they end with: a run without Kafka tests pays
 * for no more. The first suite that needs the shared broker starts it (shared-kafka.ts).
 */
export default function setUp() {
  process.env.KAFKA_TEST_RUN = mkdtempSync(join(tmpdir(), 'presently-kafka-'));
  process.env.KAFKA_TEST_RUN_OWNER = String(process.pid);
}
