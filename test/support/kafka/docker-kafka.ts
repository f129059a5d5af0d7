import { execFile, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clusterProperties } from './broker-properties.ts';
import { freePorts } from './free-ports.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { ready } from './readiness.ts';
import { currentRun } from './run-directory.ts';

const COMPOSE_FILE = join(import.meta.dirname, '../../../docker-compose.yml');
/** What docker-compose.yml says of how the broker is reached; all else is as with the brokers that we start ourselves. */
const OF_COMPOSE_FILE = /^(process|controller|inter\.broker|listener)\./;
/** Waits for a process to be gone, and then runs a command. */
const WHEN_GONE = 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; shift; exec "$@"';

export function composeFileExists(): boolean {
  return existsSync(COMPOSE_FILE);
}

/**
 * Starts the Kafka of docker-compose.yml, on a port and with a volume of its own, and resolves when it takes transactions.
 * It ends with the run, however that ends. The one place that knows Docker.
 */
export async function startDockerKafka(): Promise<KafkaConnection> {
  const run = currentRun();
  const [port = 0] = await freePorts(1, join(run.directory, 'ports'));
  const settings = join(run.directory, `docker-${port}.json`);
  writeFileSync(settings, JSON.stringify({ services: { kafka: { restart: 'no', environment: brokerEnvironment() } } }));
  const compose = ['compose', '--project-name', `presently-tests-${port}`, '--file', COMPOSE_FILE];
  const env = { ...process.env, KAFKA_PORT: String(port), PRESENTLY_TOKEN_KEY: 'of no use to Kafka' };
  // Without `settings`, which is gone by then.
  const down = ['docker', ...compose, 'down', '--volumes', '--timeout', '1'];
  const watchdog = ['-c', WHEN_GONE, 'sh', String(run.ownerPid), ...down];
  spawn('sh', watchdog, { env, detached: true, stdio: 'ignore' }).unref();
  await promisify(execFile)('docker', [...compose, '--file', settings, 'up', '--detach', 'kafka'], { env });
  const connection = { brokers: [`127.0.0.1:${port}`] };
  await ready(connection, { brokerCount: 1, coordinatorCount: 1, isLost: () => null });
  return connection;
}

/** Settings as the image takes them: `a.b` is KAFKA_A_B. */
function brokerEnvironment(): Record<string, string> {
  const properties = clusterProperties([{ client: 0, internal: 0, controller: 0 }], 'plaintext');
  const ours = Object.entries(properties).filter(([name]) => !OF_COMPOSE_FILE.test(name));
  return Object.fromEntries(
    ours.map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, String(value)]),
  );
}
