import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Properties } from './broker-properties.ts';
import { kafkaId, propertiesFile } from './broker-properties.ts';
import { javaTool } from './kafka-source.ts';
import type { Run } from './run-directory.ts';

const WATCHDOG = join(import.meta.dirname, 'watchdog.sh');
const LOG_CHARACTERS_SHOWN = 3_000;

export interface BrokerPlan {
  readonly nodeId: number;
  readonly clusterId: string;
  /** Where clients find it, as host:port. */
  readonly address: string;
  /** A place of its own. */
  readonly directory: string;
  /** Its configuration, apart from where its data is. */
  readonly properties: Properties;
  /** What its data directory holds before the first start. */
  readonly formatted: string;
  readonly javaArguments: readonly string[];
}

/** A broker that is a controller too, in a process of its own. However it ended, it starts again on the same data and ports. */
export class KafkaBroker {
  readonly nodeId: number;
  readonly address: string;
  private readonly log: string;
  private readonly configuration: string;
  private child: ChildProcess | null = null;

  /** Prepares its directory; `start` starts it. */
  constructor(
    private readonly plan: BrokerPlan,
    private readonly run: Run,
  ) {
    const { nodeId, clusterId, directory, properties } = plan;
    this.nodeId = nodeId;
    this.address = plan.address;
    this.log = join(directory, 'broker.log');
    this.configuration = join(directory, 'server.properties');
    const data = join(directory, 'data');
    const meta = { version: 1, 'node.id': nodeId, 'cluster.id': clusterId, 'directory.id': kafkaId() };
    mkdirSync(directory, { recursive: true });
    cpSync(plan.formatted, data, { recursive: true });
    writeFileSync(join(data, 'meta.properties'), propertiesFile(meta));
    writeFileSync(this.configuration, propertiesFile({ ...properties, 'log.dirs': data }));
  }

  get isRunning(): boolean {
    return this.child !== null;
  }

  /** Starts the process. It takes a while until it serves: KafkaCluster.ready. */
  start(): void {
    if (this.child !== null) throw new Error(`Broker ${this.nodeId} runs already`);
    const output = openSync(this.log, 'a');
    const child = spawn(javaTool('java'), [...this.plan.javaArguments, 'kafka.Kafka', this.configuration], {
      // A process group of its own: it outlives the Jest worker that starts it, and Ctrl-C reaches it by the watchdog only.
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    child.unref();
    this.child = child;
    child.once('error', () => (this.child = null));
    if (child.pid === undefined) return; // java is not there: `error` is about to come
    this.watch(child, child.pid);
  }

  /** SIGTERM: hands its partitions over, and ends. In a cluster that goes down as a whole it takes seconds; see `kill`. */
  async stop(): Promise<void> {
    this.resume();
    await this.end('SIGTERM');
  }

  /** kill -9. What it has acknowledged is with the system, and there when it starts again. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** SIGSTOP: keeps its connections and answers nobody. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  /** SIGCONT */
  resume(): void {
    this.child?.kill('SIGCONT');
  }

  /** The end of what it has printed: its errors, of all starts. */
  printed(): string {
    return readFileSync(this.log, 'utf8').slice(-LOG_CHARACTERS_SHOWN);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === null) return;
    child.ref(); // else a program that only waits for this would end before
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  /** Notes the process where jest-teardown.js finds it, for as long as it is alive. */
  private watch(child: ChildProcess, pid: number): void {
    const { directory, ownerPid } = this.run;
    const note = join(directory, 'pids', String(pid));
    mkdirSync(join(directory, 'pids'), { recursive: true });
    writeFileSync(note, '');
    child.once('exit', () => {
      this.child = null;
      rmSync(note, { force: true });
    });
    const watched = [String(ownerPid), String(pid), directory];
    spawn('sh', [WATCHDOG, ...watched], { detached: true, stdio: 'ignore' }).unref();
  }
}
