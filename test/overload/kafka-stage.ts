import { KafkaLog } from '#message-log/kafka/kafka-log';
import { systemClock } from '#runtime/clock/system-clock';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import type { Stage } from './stage.ts';
import { endAll, SETTINGS } from './stage.ts';

const PARTITIONS = 4;

/** One broker, and one process of each app. */
export async function kafkaStage(): Promise<Stage> {
  const cluster = await startKafkaCluster();
  const apps = new KafkaApps(cluster.connection, { ...SETTINGS, KAFKA_SESSION_TIMEOUT_MS: '10000' });
  await apps.run('topics', 'create', '--partitions', String(PARTITIONS));
  const ingest = await apps.start('ingest');
  const projector = await apps.start('projector');
  const delivery = await apps.start('delivery');
  const all = [ingest, projector, delivery];
  return {
    ingest,
    projector,
    delivery,
    processes: { ingest, projector, delivery },
    end: () => endAll(all),
    async read(use) {
      const prefix = apps.env.PRESENTLY_TOPIC_PREFIX ?? '';
      const log = await KafkaLog.open({ ...cluster.connection, clientId: 'overload', prefix, clock: systemClock });
      try {
        return await use(log);
      } finally {
        await log.close();
      }
    },
    verify: () => apps.run('verify', '--url', delivery.url, '--token', 'dev-upstream'),
    async dispose() {
      await Promise.all(all.map(({ process }) => process.kill('SIGKILL')));
      await cluster.dispose();
    },
  };
}
