import { freshId, secretBytes } from '#runtime/clock/chance';
import type { Usage } from './app.ts';
import { App } from './app.ts';
import { CLI, ended, startChild } from './child.ts';

/** What would get in the way of a load from one address is lifted, and nobody becomes inactive in the middle of a run. */
export const SETTINGS = {
  PRESENTLY_AUTH: 'dev',
  PRESENTLY_CONNECTIONS_PER_ADDRESS_MAX: '0',
  PRESENTLY_USER_WRITES_PER_S: '0',
  PRESENTLY_ACTIVE_FOR_MS: '7200000',
  PRESENTLY_IDLE_AFTER_MS: '7300000',
  PRESENTLY_LOG_LEVEL: 'error',
};
/** The server under test: one process on the embedded log, or one of each app on Kafka. */
export class Server {
  private constructor(
    private readonly apps: readonly App[],
    private readonly ingest: App,
    private readonly delivery: App,
  ) {}

  static async embedded(directory: string, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const app = await App.start(CLI, ['standalone', '--port', '0', '--data', directory], { ...SETTINGS, ...settings });
    await app.ready();
    return new Server([app], app, app);
  }

  static async onKafka(brokers: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const env = {
      ...SETTINGS,
      KAFKA_BROKERS: brokers.join(','),
      PRESENTLY_TOPIC_PREFIX: `bench-${freshId()}.`,
      PRESENTLY_TOKEN_KEY: secretBytes(32).toString('hex'),
      ...settings,
    };
    await ended(startChild(CLI, ['topics', 'create'], env, ['ignore', 'ignore', 'inherit', 'ipc']));
    const apps: App[] = [];
    try {
      for (const name of ['ingest', 'projector', 'delivery'])
        apps.push(await App.start(CLI, [name, '--port', '0'], env));
      for (const app of apps) await app.ready();
    } catch (error) {
      await Promise.all(apps.map((app) => app.stop()));
      throw error;
    }
    const [ingest, , delivery] = apps;
    return new Server(apps, ingest as App, delivery as App);
  }

  /** The least that telling changes takes of Node. */
  static async bare(): Promise<Server> {
    const app = await App.start('./bare-fanout-process', []);
    return new Server([app], app, app);
  }

  /** Where events are posted. */
  get ingestUrl(): string {
    return this.ingest.url;
  }

  /** Where subscribers connect. */
  get deliveryUrl(): string {
    return this.delivery.url;
  }

  /** Posts events that must be taken. */
  async post(events: readonly object[]): Promise<void> {
    const headers = { authorization: 'Bearer dev-upstream', 'content-type': 'application/json' };
    const body = JSON.stringify({ events });
    const answer = await fetch(`${this.ingestUrl}/v1/events`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`Events were answered ${answer.status}: ${await answer.text()}`);
  }

  /** The sum of a metric over all processes. */
  async metric(name: string): Promise<number> {
    const values = await Promise.all(this.apps.map((app) => app.metric(name)));
    return values.reduce((sum, value) => sum + value, 0);
  }

  async usage(): Promise<Usage> {
    const usages = await Promise.all(this.apps.map((app) => app.usage()));
    return {
      cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      residentBytes: usages.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.stop()));
  }
}
