import { Delivery } from '#delivery/delivery';
import type { RoomPolicy } from '#domain/visibility';
import { writeGenesis } from '#message-log/genesis';
import { MemoryLog } from '#message-log/memory/memory-log';
import { LIVE_POLICY } from '#domain/policy';
import { Projector } from '#projector/projector';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { silentLog } from '#runtime/log';
import type { LogRecord } from '../oracle/naive-fold.ts';
import { randomLog } from '../oracle/random-log.ts';
import { NodeLog } from './node-log.ts';
import type { Process } from './scheduler.ts';
import { Scheduler, settle } from './scheduler.ts';
import { SimClient } from './sim-client.ts';

const START_AT = 1_700_000_000_000;
const PARTITIONS = 2;
const DELIVERY_NODES = 2;
const TOKEN_KEY = Buffer.alloc(32, 7);
const QUIET_STEPS_MAX = 200_000;

interface Running<App> {
  readonly process: Process;
  readonly app: App;
}

/**
 * The production projector and delivery code on the memory log, with time, order and failures in the hands of a seed:
 * crashes between any two operations, zombies that go on, restarts, clients that read slowly or are cut and
 * resume on another node.
 */
export class World {
  readonly log: MemoryLog;
  readonly clients: SimClient[] = [];
  readonly roomPolicy: RoomPolicy;
  readonly counts = { steps: 0, crashes: 0, zombies: 0, cuts: 0, resumes: 0, resets: 0 };
  private readonly random: SeededRandom;
  private readonly scheduler = new Scheduler(START_AT);
  private readonly upstream: LogRecord[];
  private readonly projectors: Running<Projector>[] = [];
  private readonly deliveries: Running<Delivery>[] = [];
  private readonly nodeOf = new Map<SimClient, Delivery>();
  private isCalm = false;

  constructor(readonly seed: number) {
    this.random = new SeededRandom(seed);
    const clock = this.scheduler.clockOf({ name: 'log', isDead: false });
    const batchRecordsMax = this.random.pick([1, 3, 1_000]);
    this.log = new MemoryLog({ logId: `log-${seed}`, partitionCount: PARTITIONS, clock, batchRecordsMax });
    this.roomPolicy = { membersMax: this.random.pick([2, 3, 1_000]), excluded: new Set() };
    this.upstream = randomLog(seed);
  }

  /** Runs to the end: all events are in, all failures over, and everything has come to rest. */
  async run(): Promise<void> {
    await writeGenesis(this.log, { ...LIVE_POLICY, unheardForMs: this.random.pick([0, 120_000]) });
    this.startProjector();
    for (let node = 0; node < DELIVERY_NODES; node++) this.startDelivery();
    const users = new Set(this.upstream.map(({ key }) => key ?? '').filter((key) => key.startsWith('@')));
    for (const userId of users) this.clients.push(new SimClient(userId, () => this.scheduler.now));
    while (this.upstream.length > 0) {
      this.act();
      await settle();
    }
    await this.comeToRest();
  }

  get now(): number {
    return this.scheduler.now;
  }

  private act(): void {
    this.counts.steps++;
    const ready = this.scheduler.ready();
    this.random.weighted<() => void>([
      [ready.length > 0 ? 30 : 0, () => this.random.pick(ready)()],
      [3, () => this.appendNext()],
      [2, () => this.passTime()],
      [6, () => this.random.pick(this.clients).read()],
      [3, () => this.openOrCut(this.random.pick(this.clients))],
      [0.3, () => this.crashProjector()],
      [0.2, () => this.startSecondProjector()],
      [0.2, () => this.restartDelivery()],
    ])();
  }

  private appendNext(): void {
    const [record, next] = [this.upstream.shift(), this.upstream[0]];
    if (record === undefined) return;
    const { key = null, value } = record;
    const partition = this.random.below(PARTITIONS);
    // What has no user goes to every partition, as ingest does it, or to one, as an operator might.
    if (key !== null) void this.log.append('events', [{ key, value }]);
    else if (this.random.chance(0.2)) void this.log.append('events', [{ key, value, partition }]);
    else for (let p = 0; p < PARTITIONS; p++) void this.log.append('events', [{ key, value, partition: p }]);
    if (next !== undefined) this.scheduler.now += Math.max(0, next.timestamp - record.timestamp);
  }

  private passTime(): void {
    const next = this.scheduler.nextTimerAt();
    const ms = this.random.pick([1, 10, 100, 1_000]);
    this.scheduler.now = this.random.chance(0.5) && next < Infinity ? next : this.scheduler.now + ms;
  }

  private startProjector(): void {
    const process: Process = { name: `projector-${this.counts.crashes}`, isDead: false };
    const app = new Projector({
      log: new NodeLog(this.log, process, this.scheduler),
      clock: this.scheduler.clockOf(process),
      policy: LIVE_POLICY,
      logger: silentLog,
      commitChangesMax: this.random.pick([1, 2, 1_000]),
    });
    this.projectors.push({ process, app });
    void app.run();
  }

  private crashProjector(): void {
    this.counts.crashes++;
    for (const { process } of this.projectors.splice(0)) process.isDead = true;
    this.startProjector();
  }

  /** The first one does not know, and goes on until it is fenced. */
  private startSecondProjector(): void {
    this.counts.zombies++;
    if (this.projectors.length < 2) this.startProjector();
  }

  private startDelivery(): void {
    const process: Process = { name: `delivery-${this.deliveries.length}`, isDead: false };
    const app = new Delivery({
      log: new NodeLog(this.log, process, this.scheduler),
      clock: this.scheduler.clockOf(process),
      logger: silentLog,
      tokenKey: TOKEN_KEY,
      roomPolicy: this.roomPolicy,
      flushMs: this.random.pick([0, 5, 500]),
    });
    this.deliveries.push({ process, app });
    app.start();
  }

  private restartDelivery(): void {
    const [died] = this.deliveries.splice(this.random.below(this.deliveries.length), 1);
    if (died === undefined) return;
    this.counts.crashes++;
    died.process.isDead = true;
    for (const client of this.clients) {
      if (client.connection !== null && this.nodeOf.get(client) === died.app) client.end();
      if (client.opening === died.app) client.opening = null;
    }
    this.startDelivery();
  }

  private openOrCut(client: SimClient): void {
    if (client.connection !== null) {
      if (this.isCalm || !this.random.chance(0.2)) return;
      this.counts.cuts++;
      this.nodeOf.get(client)?.disconnect(client.connection);
    } else if (client.opening === null) {
      const { app } = this.random.pick(this.deliveries);
      if (!app.isReady) return;
      client.opening = app;
      if (this.random.chance(0.1)) client.token = null;
      void this.open(client, app);
    }
  }

  private async open(client: SimClient, node: Delivery): Promise<void> {
    const start = await node.startOf(client.userId, client.token).catch(() => null); // 503: the node is behind the token
    if (client.opening !== node) return; // the node has died since
    client.opening = null;
    if (start === null) return;
    if (start.since !== null) this.counts.resumes++;
    if (start.reset !== null) this.counts.resets++;
    client.begins(start.since?.cursor ?? null);
    this.nodeOf.set(client, node);
    client.connection = node.connect(client.userId, start.since, client);
    client.connection.pump();
  }

  /** No more failures: one projector, every client connected and reading, and time goes on until nothing is due. */
  private async comeToRest(): Promise<void> {
    this.isCalm = true;
    this.crashProjector();
    for (let steps = 0; steps < QUIET_STEPS_MAX; steps++) {
      await settle();
      const ready = this.scheduler.ready();
      const client = this.clients.find(
        (other) => other.hasUnread || (other.connection === null && other.opening === null),
      );
      if (ready.length > 0) this.random.pick(ready)();
      else if (client?.hasUnread === true) client.read();
      else if (client !== undefined) this.openOrCut(client);
      else if (this.scheduler.nextTimerAt() < Infinity) this.scheduler.now = this.scheduler.nextTimerAt();
      else return;
    }
    throw new Error('The world did not come to rest: something keeps waking up.');
  }
}
