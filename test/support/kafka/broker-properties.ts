import { randomUUID } from 'node:crypto';

/** How clients talk to the brokers. The brokers among themselves always do it in the open. */
export type Security = 'plaintext' | 'sasl_plaintext' | 'ssl' | 'sasl_ssl';

export type Properties = Readonly<Record<string, string | number | boolean>>;

export interface BrokerPorts {
  readonly client: number;
  readonly internal: number;
  readonly controller: number;
}

export const SASL_USER = { username: 'presently', password: 'presently-secret' };
/** Somebody who can log in by PLAIN. */
export const saslUser = (username: string): typeof SASL_USER => ({ username, password: `${username}-secret` });
const SASL_USERS = [SASL_USER.username, 'admin', 'ingest', 'projector', 'delivery'].map(saslUser);
export const KEYSTORE_PASSWORD = 'presently-secret';

/** What is the same for all brokers of a cluster. */
export function clusterProperties(ports: readonly BrokerPorts[], security: Security): Properties {
  const brokerCount = ports.length;
  const inSyncMin = brokerCount > 1 ? 2 : 1;
  return {
    'process.roles': 'broker,controller',
    'controller.quorum.voters': ports.map(({ controller }, at) => `${at + 1}@127.0.0.1:${controller}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'listener.security.protocol.map': `CLIENT:${security.toUpperCase()},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'auto.create.topics.enable': false,

    'default.replication.factor': brokerCount,
    'min.insync.replicas': inSyncMin,
    // As few partitions as there are brokers, so that each leads one: making and loading 50 takes seconds.
    'offsets.topic.num.partitions': brokerCount,
    'offsets.topic.replication.factor': brokerCount,
    'transaction.state.log.num.partitions': brokerCount,
    'transaction.state.log.replication.factor': brokerCount,
    'transaction.state.log.min.isr': inSyncMin,
    'share.coordinator.state.topic.num.partitions': brokerCount,
    'share.coordinator.state.topic.replication.factor': brokerCount,
    'share.coordinator.state.topic.min.isr': inSyncMin,

    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // How long a killed broker holds up everybody: else 9 s, with clients' retries up to 20.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'controller.quorum.election.timeout.ms': 300,
    'controller.quorum.election.backoff.max.ms': 100,
    // How late a transaction past its time is aborted.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,

    // Small: without the first, the cleaner alone takes 128 MB, and the broker dies at start.
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'log.cleaner.threads': 1,
    'num.network.threads': 1,
    'num.io.threads': 2,
    'background.threads': 2,
  };
}

/** What is the broker's own. */
export function nodeProperties(nodeId: number, { client, internal, controller }: BrokerPorts): Properties {
  const toClients = `CLIENT://127.0.0.1:${client}`;
  const toBrokers = `INTERNAL://127.0.0.1:${internal}`;
  return {
    'node.id': nodeId,
    listeners: `${toClients},${toBrokers},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `${toClients},${toBrokers}`,
  };
}

export function securityProperties(security: Security, keystore: string): Properties {
  const sasl: Properties = {
    'listener.name.client.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.client.plain.sasl.jaas.config': loginModule(
      'plain.PlainLoginModule',
      SASL_USERS.map(({ username, password }) => ` user_${username}="${password}"`),
    ),
  };
  const ssl: Properties = {
    'listener.name.client.ssl.keystore.type': 'PKCS12',
    'listener.name.client.ssl.keystore.location': keystore,
    'listener.name.client.ssl.keystore.password': KEYSTORE_PASSWORD,
  };
  switch (security) {
    case 'plaintext':
      return {};
    case 'sasl_plaintext':
      return sasl;
    case 'ssl':
      return ssl;
    case 'sasl_ssl':
      return {
        ...ssl,
        ...sasl,
        'listener.name.client.sasl.enabled.mechanisms': ['PLAIN', ...SCRAM_MECHANISMS].join(','),
        'listener.name.client.scram-sha-256.sasl.jaas.config': loginModule('scram.ScramLoginModule'),
        'listener.name.client.scram-sha-512.sasl.jaas.config': loginModule('scram.ScramLoginModule'),
        // Who may do nothing but what an ACL says: all but the one with whom tests prepare things, and the brokers themselves.
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': `User:${SASL_USER.username};User:ANONYMOUS`,
      };
  }
}

const loginModule = (name: string, options: readonly string[] = []): string =>
  `org.apache.kafka.common.security.${name} required${options.join('')};`;

const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** For the storage tool: the user whom SCRAM knows. PLAIN's are in the configuration. */
export const SCRAM_USERS: readonly string[] = SCRAM_MECHANISMS.flatMap((mechanism) => [
  '--add-scram',
  `${mechanism}=[name=${SASL_USER.username},password=${SASL_USER.password}]`,
]);

export function propertiesFile(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** An id as Kafka writes them: a UUID in 22 characters. None starts with -, which its tools would take for an option. */
export function kafkaId(): string {
  const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  return id.startsWith('-') ? kafkaId() : id;
}
