import type { KafkaConnection } from './kafka/kafka-connection.ts';
import { freshPrefix } from './kafka/shared-kafka.ts';
import { presentlyIn } from './cli.ts';
import { ServerProcess } from './server-process.ts';
import { SourceProcess } from './source-process.ts';

const CLI = 'apps/cli/src/main.ts';
const TOKEN_KEY = '07'.repeat(32);
const SESSION_MS = 2_000;

/** A log of its own on a Kafka, and the processes on it. */
export class KafkaApps {
  readonly env: Record<string, string>;

  constructor({ brokers }: KafkaConnection, settings: Record<string, string> = {}) {
    this.env = {
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS),
      PRESENTLY_TOPIC_PREFIX: freshPrefix(),
      PRESENTLY_TOKEN_KEY: TOKEN_KEY,
      ...settings,
    };
  }

  /** Runs `presently` and returns what it prints. */
  run(...args: readonly string[]): Promise<string> {
    return presentlyIn(this.env, ...args);
  }

  /** Starts an app on a free port, and resolves when it serves. */
  start(app: 'ingest' | 'projector' | 'delivery'): Promise<ServerProcess> {
    return ServerProcess.listening(this.spawn(app));
  }

  /** Starts an app, which may not serve. */
  spawn(app: 'ingest' | 'projector' | 'delivery', port = '0', settings: Record<string, string> = {}): SourceProcess {
    return new SourceProcess(CLI, [app, '--port', port], { env: { ...this.env, ...settings } });
  }
}
