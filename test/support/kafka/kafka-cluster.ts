import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, untilItWorks } from './ask.ts';
import type { BrokerPorts, Properties, Security } from './broker-properties.ts';
import {
  clusterProperties,
  kafkaId,
  nodeProperties,
  SASL_USER,
  SCRAM_USERS,
  securityProperties,
} from './broker-properties.ts';
import { makeCertificate } from './certificate.ts';
import { freePorts } from './free-ports.ts';
import type { Installation } from './installation.ts';
import { formatStorage } from './installation.ts';
import { KafkaBroker } from './kafka-broker.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { ready } from './readiness.ts';
import { currentRun } from './run-directory.ts';

/** Three of these and their tests fit on a machine with 2 GB; below 160 MB a broker of three dies at start. */
const HEAP = '-Xmx192m';

export interface ClusterOptions {
  /** Three: each topic has three copies, of which two have to be up to date. */
  readonly brokerCount?: 1 | 3;
  readonly security?: Security;
  /** Further settings of every broker; they win over ours. */
  readonly properties?: Properties;
  /** Further options of every Java machine. */
  readonly jvmOptions?: readonly string[];
}

/** Kafka brokers on free ports of the loopback interface, with data in a directory that goes with them. */
export class KafkaCluster {
  private constructor(
    readonly brokers: readonly KafkaBroker[],
    readonly connection: KafkaConnection,
    private readonly directory: string,
  ) {}

  /** Resolves when it is ready. Tests: startKafkaCluster. */
  static async start(installation: Installation, options: ClusterOptions = {}): Promise<KafkaCluster> {
    const { brokerCount = 1, security = 'plaintext', properties = {}, jvmOptions = [] } = options;
    const run = currentRun();
    const directory = mkdtempSync(join(run.directory, 'cluster-'));
    const isTls = security === 'ssl' || security === 'sasl_ssl';
    const isSasl = security === 'sasl_plaintext' || security === 'sasl_ssl';
    const { keystore, ca } = isTls ? await makeCertificate(directory) : { keystore: '', ca: '' };
    const formatted = security === 'sasl_ssl' ? await withScramUsers(installation, directory) : installation.formatted;
    const ports = await clusterPorts(brokerCount, join(run.directory, 'ports'));
    const clusterId = kafkaId();
    const brokers = ports.map((own, at) => {
      const nodeId = at + 1;
      const plan = {
        nodeId,
        clusterId,
        address: `127.0.0.1:${own.client}`,
        directory: join(directory, `broker-${nodeId}`),
        properties: {
          ...clusterProperties(ports, security),
          ...nodeProperties(nodeId, own),
          ...securityProperties(security, keystore),
          ...properties,
        },
        formatted,
        javaArguments: [HEAP, ...jvmOptions, ...installation.javaArguments],
      };
      return new KafkaBroker(plan, run);
    });
    const connection: KafkaConnection = {
      brokers: brokers.map(({ address }) => address),
      ...(isSasl ? { sasl: { mechanism: 'plain', ...SASL_USER } } : {}),
      ...(isTls ? { ssl: { ca } } : {}),
    };
    const cluster = new KafkaCluster(brokers, connection, directory);
    try {
      for (const broker of brokers) broker.start();
      await cluster.ready();
    } catch (error) {
      await cluster.dispose();
      throw error;
    }
    return cluster;
  }

  /** Resolves when all brokers serve, and have caught up with what they missed. Rejects when one of them has ended. */
  ready(): Promise<void> {
    const brokerCount = this.brokers.length;
    return ready(this.connection, {
      brokerCount,
      coordinatorCount: brokerCount, // broker-properties.ts
      isLost: () => {
        const ended = this.brokers.find(({ isRunning }) => !isRunning);
        return ended === undefined ? null : `Broker ${ended.nodeId} does not run. It said:\n${ended.printed()}`;
      },
    });
  }

  /** The broker that leads a partition, as some broker that answers knows. */
  leader(topic: string, partition: number): Promise<KafkaBroker> {
    return untilItWorks(async () => {
      const { topics } = await ask(this.connection, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
      const nodeId = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader;
      const leader = this.brokers.find((broker) => broker.nodeId === nodeId);
      if (leader === undefined) throw new Error(`${topic}/${partition} has no leader`);
      return leader;
    });
  }

  /** Ends it for good, with its data. */
  async dispose(): Promise<void> {
    // Not in order: brokers that hand over to brokers that end as well take 6 s.
    await Promise.all(this.brokers.map((broker) => broker.kill()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function clusterPorts(brokerCount: number, taken: string): Promise<BrokerPorts[]> {
  const ports = await freePorts(3 * brokerCount, taken);
  return Array.from({ length: brokerCount }, (_, at) => {
    const [client = 0, internal = 0, controller = 0] = ports.slice(3 * at);
    return { client, internal, controller };
  });
}

async function withScramUsers({ javaArguments }: Installation, parent: string): Promise<string> {
  const directory = join(parent, 'formatted');
  mkdirSync(directory);
  await formatStorage(javaArguments, directory, SCRAM_USERS);
  return directory;
}
