import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from './installation.ts';
import { installKafka } from './installation.ts';
import type { ClusterOptions } from './kafka-cluster.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { makeOnce } from './make-once.ts';

/** Starts brokers of a test's own, which the test disposes of; resolves when they are ready. Fetches Kafka if need be. */
export async function startKafkaCluster(options: ClusterOptions = {}): Promise<KafkaCluster> {
  return KafkaCluster.start(await withClassArchive(await installKafka()), options);
}

/**
 * Has Java keep what it makes of Kafka's classes when it loads them, once for each version (JEP 350). That takes some 5 s,
 * and saves a good second of each start of a broker.
 */
async function withClassArchive(installation: Installation): Promise<Installation> {
  const directory = join(installation.directory, 'class-archive');
  await makeOnce(directory, async (draft) => {
    // A Java that has no such thing starts too; then there is no archive.
    const jvmOptions = ['-XX:+IgnoreUnrecognizedVMOptions', `-XX:ArchiveClassesAtExit=${join(draft, 'kafka.jsa')}`];
    const cluster = await KafkaCluster.start(installation, { jvmOptions });
    await Promise.all(cluster.brokers.map((broker) => broker.stop()));
    await cluster.dispose();
  });
  const archive = join(directory, 'kafka.jsa');
  if (!existsSync(archive)) return installation;
  return { ...installation, javaArguments: [`-XX:SharedArchiveFile=${archive}`, ...installation.javaArguments] };
}
