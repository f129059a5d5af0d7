import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import type { MessageLog } from '#message-log/message-log';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { systemClock } from '#runtime/clock/system-clock';
import { freePorts } from '../support/kafka/free-ports.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { currentRun } from '../support/kafka/run-directory.ts';
import type { SourceProcess } from '../support/source-process.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import type { Fault } from './fault.ts';
import type { SlotWatch } from './slot.ts';
import { Slot } from './slot.ts';
import type { Stage } from './stage.ts';
import { SETTINGS } from './stage.ts';

const APPS = ['ingest', 'projector', 'delivery'] as const;
const PARTITIONS = 4;
/** Nothing is compacted in a run, so that each commit can be looked at. */
const PROPERTIES = { 'log.cleaner.min.compaction.lag.ms': 86_400_000 };

/** Three brokers, and two processes of each app. */
export class KafkaStage implements Stage {
  readonly slots: Slot[] = [];
  readonly apps = [
    [4, 'projector'],
    [4, 'delivery'],
    [2, 'ingest'],
  ] as const;
  readonly others = { 'stop and go on': 0.1, restart: 0.15, cut: 0.5 };
  private cluster: KafkaCluster | null = null;
  private processes: KafkaApps | null = null;
  private readonly random: SeededRandom;
  /** One broker at a time: of three copies two have to be there. */
  private brokers: Promise<void> = Promise.resolve();

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  get ingest(): string[] {
    return this.urlsOf('ingest');
  }

  get delivery(): string[] {
    return this.urlsOf('delivery');
  }

  async start(watch: SlotWatch): Promise<void> {
    this.cluster = await startKafkaCluster({ brokerCount: 3, properties: PROPERTIES });
    this.processes = new KafkaApps(this.cluster.connection, SETTINGS);
    await this.required.run('topics', 'create', '--partitions', String(PARTITIONS));
    const ports = await freePorts(2 * APPS.length, join(currentRun().directory, 'ports'));
    for (const [index, port] of ports.entries()) {
      const app = APPS[index % APPS.length] as (typeof APPS)[number];
      const name = `${app}-${Math.floor(index / APPS.length) + 1}`;
      const settings = { PRESENTLY_IMAGES: join(currentRun().directory, 'images', name) };
      const spawn = (): SourceProcess => this.required.spawn(app, String(port), settings);
      this.slots.push(new Slot(name, app, `http://127.0.0.1:${port}`, spawn, watch));
    }
    await Promise.all(this.slots.map((slot) => slot.start()));
  }

  async read<Result>(use: (log: MessageLog) => Promise<Result>): Promise<Result> {
    const log = await KafkaLog.open({
      ...this.connection,
      clientId: 'chaos',
      prefix: this.required.env.PRESENTLY_TOPIC_PREFIX ?? '',
      clock: systemClock,
    });
    try {
      return await use(log);
    } finally {
      await log.close();
    }
  }

  startable(): Promise<void> {
    return Promise.resolve();
  }

  /** Kills a broker, and has it back. */
  disturb({ lastsMs }: Fault): Promise<void> {
    this.brokers = this.brokers.then(async () => {
      const broker = this.random.pick(this.cluster?.brokers ?? []);
      await broker.kill();
      await sleep(lastsMs);
      broker.start();
      await this.cluster?.ready();
    });
    return this.brokers;
  }

  async verify(): Promise<string> {
    const said = await Promise.all(this.delivery.map((url) => this.required.run('verify', '--url', url)));
    return said.at(-1) ?? '';
  }

  async dispose(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.end('SIGKILL')));
    await this.cluster?.dispose();
  }

  private get required(): KafkaApps {
    if (this.processes === null) throw new Error('The stage was not started.');
    return this.processes;
  }

  private get connection(): KafkaCluster['connection'] {
    if (this.cluster === null) throw new Error('The stage was not started.');
    return this.cluster.connection;
  }

  private urlsOf(app: string): string[] {
    return this.slots.filter((slot) => slot.app === app).map(({ url }) => url);
  }
}
