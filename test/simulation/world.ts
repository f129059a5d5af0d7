import type { RoomPolicy } from '#domain/visibility';
import { writeGenesis } from '#message-log/genesis';
import type { MessageLog } from '#message-log/message-log';
import { MemoryLog } from '#message-log/memory/memory-log';
import { LIVE_POLICY } from '#domain/policy';
import { Projector } from '#projector/projector';
import { checkPartition } from '#projector/verify/partition-check';
import type { Clock } from '#runtime/clock/clock';
import { SeededRandom } from '#runtime/clock/seeded-random';
import type { Log } from '#runtime/log';
import { silentLog } from '#runtime/log';
import { Images } from '#service/images/images';
import { MemoryImages } from '#service/images/memory-images';
import type { LogRecord } from '../oracle/naive-fold.ts';
import { randomLog } from '../oracle/random-log.ts';
import { DeliveryNode } from './delivery-node.ts';
import { deviceFaults } from './device-checks.ts';
import type { LogFault } from './node-log.ts';
import { NodeLog } from './node-log.ts';
import type { Process } from './scheduler.ts';
import { newProcess, Scheduler, settle } from './scheduler.ts';
import type { Beginning } from './sim-client.ts';
import { SimClient } from './sim-client.ts';
import { Upstream } from './upstream.ts';

const START_AT = 1_700_000_000_000;
const DELIVERY_NODES = 2;
/** Polls after the world has come to rest: as many as the smallest snapshots need, and more. */
const LAST_POLLS_MAX = 50;
const QUIET_STEPS_MAX = 200_000;
const VERIFY_EVERY_STEPS = 50;
/** In which whoever was left by a dead node goes offline. */
const SETTLE_MS = 240_000;
const SKEWS_MS = [-3_600_000, -5_000, -100, 0, 0, 100, 5_000, 3_600_000];

interface RunningProjector {
  readonly process: Process;
  readonly app: Projector;
  readonly images: Images;
}

/**
 * The production ingest, projector and delivery code on the memory log, with time, order and failures in the hands of a
 * seed: crashes between any two operations, operations that fail with or without an effect, zombies that go on, restarts,
 * clocks that are set ahead and back, clients that stream and read slowly, or poll, or both in turn, and are cut and resume on
 * another node.
 */
export class World {
  readonly log: MemoryLog;
  readonly clients: SimClient[] = [];
  readonly roomPolicy: RoomPolicy;
  readonly tokenKey = Buffer.alloc(32, 7);
  readonly counts = {
    steps: 0,
    crashes: 0,
    zombies: 0,
    logFaults: 0,
    clocksSet: 0,
    repeats: 0,
    cuts: 0,
    polls: 0,
    resumes: 0,
    resets: 0,
    verified: 0,
    images: 0,
    imagesUsed: 0,
    imagesUnusable: 0,
  };
  private readonly random: SeededRandom;
  private readonly scheduler = new Scheduler(START_AT);
  readonly upstream: Upstream;
  private readonly records: readonly LogRecord[];
  /** The log's own clock, a broker's. */
  private readonly broker = newProcess('log');
  private latestSkewMs = 0;
  private readonly sourceTtlMs: number;
  private readonly projectors: RunningProjector[] = [];
  private readonly nodes: DeliveryNode[] = [];
  /** How likely a client polls, rather than streams, when it comes. */
  private readonly polls = new Map<SimClient, number>();
  private isCalm = false;
  /** What must not be: records that an app says were lost, and a state that is not as a fresh fold of the events. */
  readonly faults: string[] = [];
  private readonly logger: Log = {
    ...silentLog,
    error: (event, fields) => this.noteLoss(event, fields),
    info: (event) => this.noteImage(event),
    warn: (event) => this.noteImage(event),
  };
  /** Of all processes: whoever has taken an image, any other can begin from it. */
  private readonly imageStore = new MemoryImages();

  constructor(readonly seed: number) {
    this.random = new SeededRandom(seed);
    const clock = this.scheduler.clockOf(this.broker);
    const batchRecordsMax = this.random.pick([1, 3, 1_000]);
    const partitionCount = this.random.pick([1, 2, 2, 3]);
    this.log = new MemoryLog({ logId: `log-${seed}`, partitionCount, clock, batchRecordsMax });
    const excluded = new Set(this.random.chance(0.3) ? ['!r2:x'] : []);
    this.roomPolicy = { membersMax: this.random.pick([2, 3, 1_000]), excluded };
    const focus = this.random.pick(['all', 'rooms', 'lists', 'days'] as const);
    this.sourceTtlMs = this.random.pick([3_000, 15_000, 60_000]);
    const records = focus === 'lists' ? 200 : 150; // answers are rare
    this.records = randomLog(seed, { users: this.random.pick([4, 5, 8, 11]), focus, records });
    const { log, scheduler, random } = this;
    this.upstream = new Upstream([...this.records], { log, scheduler, random, fault: () => this.logFault() });
  }

  /** Runs to the end: all events are in, all failures over, and everything has come to rest. */
  async run(): Promise<void> {
    await writeGenesis(this.log, { ...LIVE_POLICY, unheardForMs: this.random.pick([0, 120_000]) });
    this.startProjector();
    for (let node = 0; node < DELIVERY_NODES; node++) this.startNode();
    const users = new Set(this.records.map(({ key }) => key ?? '').filter((key) => key.startsWith('@')));
    for (const userId of [...users, this.random.pick([...users])]) {
      const setPresence = this.random.pick([undefined, undefined, 'online', 'unavailable', 'offline'] as const);
      const client = new SimClient(userId, `sim-${this.clients.length}`, setPresence, () => this.scheduler.now);
      this.clients.push(client);
      this.polls.set(client, this.random.pick([0, 0.4, 1]));
    }
    while (this.upstream.hasMore) {
      this.act();
      await settle();
      if (this.counts.steps % VERIFY_EVERY_STEPS === 0) await this.verify();
    }
    await this.comeToRest();
    await this.verify();
  }

  /** As `presently verify` does it, whatever is going on. */
  private async verify(): Promise<void> {
    for (let partition = 0; partition < this.log.partitionCount; partition++) {
      const { difference, offset } = await checkPartition(this.log, partition);
      this.counts.verified++;
      if (difference === null) continue;
      this.faults.push(`step ${this.counts.steps}, partition ${partition} to ${offset}: ${JSON.stringify(difference)}`);
    }
  }

  private noteLoss(event: string, fields?: object): void {
    if (event.endsWith('.records.lost')) this.faults.push(`${event} ${JSON.stringify(fields)}`);
  }

  private noteImage(event: string): void {
    if (event === 'image.taken') this.counts.images++;
    if (event === 'image.restored') this.counts.imagesUsed++;
    if (event === 'image.unusable') this.counts.imagesUnusable++;
  }

  /** One row at a time, so that much happens in between. */
  private newImages({ log, clock }: { log: MessageLog; clock: Clock }): Images {
    const recordsMin = this.random.pick([1, 5, 50]);
    const everyMs = this.random.pick([500, 5_000, 60_000]);
    return new Images({ store: this.imageStore, log, clock, logger: this.logger, recordsMin, everyMs, frameLength: 1 });
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
      [1, () => this.random.pick(this.clients).act(this.random)],
      [1, () => this.repeat()],
      [4, () => this.openOrCut(this.random.pick(this.clients))],
      [0.3, () => this.crashProjector()],
      [0.2, () => this.crashIngest()],
      [0.2, () => this.setClock()],
      [0.2, () => this.startSecondProjector()],
      [0.2, () => this.restartNode()],
      [0.2, () => this.random.pick(this.nodes).failNextRead()],
      [0.3, () => this.log.compact({ keepsTombstones: true })],
    ])();
  }

  private appendNext(): void {
    this.scheduler.now += this.upstream.appendNext();
  }

  private repeat(): void {
    if (this.upstream.repeat(this.random.chance(0.1))) this.counts.repeats++;
  }

  /** Whether an operation on the log fails now. */
  private logFault(): LogFault {
    const fault = this.isCalm
      ? null
      : this.random.weighted<LogFault>([
          [40, null],
          [1, 'refused'],
          [1, 'unanswered'],
        ]);
    if (fault !== null) this.counts.logFaults++;
    return fault;
  }

  /** Somebody's clock is set: what it said before was wrong, or what it says from now on is. */
  private setClock(): void {
    this.counts.clocksSet++;
    const processes = [...this.projectors, ...this.nodes].map(({ process }) => process);
    const process = this.random.pick([...processes, this.upstream.ingest, this.broker]);
    process.skewMs = this.random.pick(SKEWS_MS);
    this.latestSkewMs = Math.max(this.latestSkewMs, this.broker.skewMs);
  }

  private crashIngest(): void {
    this.counts.crashes++;
    this.upstream.crashIngest();
  }

  private passTime(): void {
    const next = this.scheduler.nextTimerAt();
    const ms = this.random.pick([1, 10, 100, 1_000]);
    this.scheduler.now = this.random.chance(0.5) && next < Infinity ? next : this.scheduler.now + ms;
  }

  private startProjector(): void {
    const process = newProcess(`projector-${this.counts.crashes}`);
    const log = new NodeLog(this.log, process, this.scheduler, () => this.logFault());
    const clock = this.scheduler.clockOf(process);
    const images = this.newImages({ log, clock });
    const app = new Projector({
      log,
      clock,
      images,
      policy: LIVE_POLICY,
      logger: this.logger,
      commitChangesMax: this.random.pick([1, 2, 1_000]),
    });
    this.projectors.push({ process, app, images });
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

  private startNode(): void {
    const { log, scheduler, tokenKey, roomPolicy, logger, sourceTtlMs } = this;
    const flushMs = this.random.pick([0, 5, 500]);
    const fault = (): LogFault => this.logFault();
    const newId = (): string =>
      `${this.random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0')}-sim`;
    this.nodes.push(
      new DeliveryNode({
        log,
        scheduler,
        tokenKey,
        roomPolicy,
        flushMs,
        logger,
        sourceTtlMs,
        newId,
        fault,
        images: (of) => this.newImages(of),
      }),
    );
  }

  /** In the place of one that crashed, or was told to stop. */
  private restartNode(): void {
    const [node] = this.nodes.splice(this.random.below(this.nodes.length), 1);
    if (node === undefined) return;
    const orphans = (): void => {
      for (const client of this.clients) if (client.node === node) client.nodeDied();
    };
    if (this.random.chance(0.3)) void node.stop().then(orphans);
    else {
      this.counts.crashes++;
      node.process.isDead = true;
      orphans();
    }
    this.startNode();
  }

  private openOrCut(client: SimClient): void {
    if (client.node !== null) {
      if (this.isCalm || !this.random.chance(0.2)) return;
      this.counts.cuts++;
      client.cut();
      return;
    }
    const node = this.random.pick(this.nodes);
    if (!node.app.isReady) return;
    const isPoll = this.random.chance(this.polls.get(client) ?? 0);
    if (this.random.chance(isPoll ? 0.2 : 0.1)) client.token = null;
    const beginning = isPoll ? this.poll(client, node) : client.stream(node);
    void beginning.then((how) => {
      if (how === 'resumed') this.counts.resumes++;
      if (how === 'reset') this.counts.resets++;
    });
  }

  private poll(client: SimClient, node: DeliveryNode): Promise<Beginning> {
    this.counts.polls++;
    return client.poll(node, {
      asksForDevice: true,
      isSync: this.random.chance(0.3),
      tellAll: this.random.chance(0.1),
      snapshotUsersMax: this.random.pick([1, 1, 2, 3, 1_000]),
      timeoutMs: this.random.pick([0, 100, 10_000, 600_000]),
      isLost: !this.isCalm && this.random.chance(0.15),
    });
  }

  /**
   * No more failures: one projector, every client that streams connected and reading. First for as long as nodes need to be
   * missed, then, when the devices of clients have gone, until nothing is due.
   */
  private async comeToRest(): Promise<void> {
    this.isCalm = true;
    this.broker.skewMs = this.latestSkewMs; // else log time would stand still for an hour
    this.crashProjector();
    for (const { images } of [...this.projectors, ...this.nodes]) void images.stop();
    await this.goOn(this.scheduler.now + SETTLE_MS);
    this.faults.push(...(await deviceFaults(this.log, this.clients)));
    for (const { devices } of this.nodes) void devices.stop();
    await this.goOn(Infinity);
    await this.pollToTheEnd();
  }

  /** Until nothing is left to do before `end`. */
  private async goOn(end: number): Promise<void> {
    for (let steps = 0; steps < QUIET_STEPS_MAX; steps++) {
      await settle();
      const ready = this.scheduler.ready();
      const isServed = this.nodes.some(({ app }) => app.isReady);
      const toOpen = this.clients.find((client) => client.node === null && this.polls.get(client) === 0);
      const toRead = this.clients.find(({ hasUnread }) => hasUnread);
      if (ready.length > 0) this.random.pick(ready)();
      else if (toRead !== undefined) toRead.read();
      else if (this.upstream.repeat(false)) this.counts.repeats++;
      else if (toOpen !== undefined && isServed && end < Infinity) this.openOrCut(toOpen);
      else if (this.scheduler.nextTimerAt() < end) this.scheduler.now = this.scheduler.nextTimerAt();
      else return;
    }
    throw new Error('The world did not come to rest: something keeps waking up.');
  }

  /** Those who are not connected ask until there is nothing more. */
  private async pollToTheEnd(): Promise<void> {
    for (const client of this.clients.filter(({ node }) => node === null)) {
      let seen = -1;
      for (let polls = 0; seen < client.happenings.length; polls++) {
        if (polls > LAST_POLLS_MAX) throw new Error(`${client.userId} is told something new each time.`);
        seen = client.happenings.length + 2; // a poll that tells nothing leaves two: that it began, and its token
        const asking = {
          asksForDevice: false,
          isSync: false,
          tellAll: false,
          snapshotUsersMax: this.random.pick([1, 2, 3]),
          timeoutMs: 0,
          isLost: false,
        };
        await client.poll(this.random.pick(this.nodes), asking);
      }
    }
  }
}
