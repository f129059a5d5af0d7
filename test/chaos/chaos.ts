import { setTimeout as sleep } from 'node:timers/promises';
import { StreamClient } from '../support/stream-client.ts';
import { SyncStream } from '../support/sync-stream.ts';
import { WsClient } from '../support/ws-client.ts';
import { Examiner } from './examiner.ts';
import { Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import type { Fault } from './fault.ts';
import { Recoveries } from './recoveries.ts';
import { quantiles, table } from './report.ts';
import type { LogLine, Slot } from './slot.ts';
import type { Stage } from './stage.ts';
import { SOURCE_TTL_MS } from './stage.ts';
import { firstRooms, Gateways, Traffic } from './traffic.ts';
import { Upstream } from './upstream.ts';
import { Watcher } from './watcher.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly file: string;
  /** Events a second. */
  readonly rate: number;
  readonly plan: readonly Fault[];
  /** After so many faults everything is checked. */
  readonly faultsPerPhase: number;
  readonly say: (line: string) => void;
}

const WATCHING = ['@one:here', '@two:here'];
const TRANSPORTS = [StreamClient, WsClient, SyncStream];
const ROOMS_WATCHED_MAX = 50;
/** After the last event everybody who is to go idle or offline has done so: with what a dead gateway held. */
const SETTLE_MS = SOURCE_TTL_MS + 2_000;
const CONVERGE_MS_MAX = 60_000;
const AGAIN_MS = 1_000;
const FAULTS_TOLD_MAX = 5;

/** Plays live traffic while all that can fail does, and clients watch; and checks everything, phase by phase. */
export class Chaos {
  private readonly startedAt = Date.now();
  private readonly failures: string[] = [];
  private readonly recoveries = new Recoveries();
  private readonly gateways = new Gateways();
  private watchers: Watcher[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly options: ChaosOptions,
  ) {}

  /** Resolves with what did not hold, or nothing. */
  async run(): Promise<string[]> {
    const { seed, file, rate, plan, faultsPerPhase } = this.options;
    await this.stage.start({
      endedByItself: (slot, how) => this.failures.push(`${slot.name} ended by itself: ${how}`),
      logged: (slot, line) => this.logged(slot, line),
    });
    const names = await this.stage.read(({ logId, partitionCount }) => Promise.resolve({ logId, partitionCount }));
    const ledger = new Ledger(names.partitionCount);
    const rooms = await firstRooms(file, ROOMS_WATCHED_MAX);
    const traffic = new Traffic(file, seed, this.gateways, WATCHING, rooms);
    const upstream = new Upstream(this.stage.ingest, traffic, this.gateways, ledger, rate);
    await this.allReady();
    this.watchers = this.startWatchers();
    const seen = this.watchers.flatMap(({ userId, setPresence }) => (setPresence === 'offline' ? [] : [userId]));
    const joining = [...WATCHING, ...seen].flatMap((user_id) =>
      rooms.map((room_id) => ({ type: 'room.joined', user_id, room_id })),
    );
    await upstream.send(joining.map((event) => traffic.stamped(event)));
    const examiner = new Examiner(names, ledger, this.watchers);
    const faults = new Faults(this.stage, this.watchers, seed, {
      say: (line) => this.say(line),
      ending: (slot, fault) => this.ending(slot, fault),
      failed: (fault) => this.failures.push(fault),
    });
    try {
      for (let at = 0; at < plan.length && this.failures.length === 0; at += faultsPerPhase) {
        upstream.begin();
        for (const fault of plan.slice(at, at + faultsPerPhase)) await faults.begin(fault);
        this.gateways.die((at / faultsPerPhase) % 2);
        await upstream.pause();
        await faults.over();
        await this.examine(examiner, faults);
        this.say(await this.verify());
        this.say(
          `all holds after ${Math.min(plan.length, at + faultsPerPhase)} faults and ${ledger.acknowledged} events`,
        );
      }
    } catch (error) {
      this.failures.push((error as Error).message);
    }
    await upstream.stop().catch((error: unknown) => this.failures.push((error as Error).message));
    await Promise.all(this.watchers.map((watcher) => watcher.stop()));
    this.report(ledger, upstream, faults, examiner);
    return this.failures;
  }

  private startWatchers(): Watcher[] {
    const { delivery } = this.stage;
    const unseen = [...WATCHING, '@stranger:here'].flatMap((userId, index) =>
      TRANSPORTS.map((Transport, at) => new Watcher(userId, Transport, delivery, 'offline', index + at)),
    );
    const seen = TRANSPORTS.map((Transport, at) => new Watcher(`@seen-${at}:here`, Transport, delivery, 'none', at));
    return [...unseen, ...seen];
  }

  private async allReady(): Promise<void> {
    await Promise.all(this.stage.slots.map((slot) => slot.ready(CONVERGE_MS_MAX)));
  }

  /** Everything has to hold, once all faults are over and all that was to happen has. */
  private async examine(examiner: Examiner, { ghosts }: Faults): Promise<void> {
    await this.allReady();
    await sleep(SETTLE_MS);
    let wrong: string[] = [];
    for (const startedAt = Date.now(); Date.now() - startedAt < CONVERGE_MS_MAX; await sleep(AGAIN_MS)) {
      const now = Date.now();
      const unfolded = await examiner.read(this.stage);
      wrong = examiner.faults(ghosts, now);
      if (wrong.length > 0) break; // this does not become better
      wrong = examiner.finalFaults();
      if (wrong.length === 0) break;
      this.say(`${unfolded} events are not folded yet, ${wrong.length} beliefs of clients are not true yet`);
    }
    examiner.forget();
    if (wrong.length > 0) throw new Error(wrong.slice(0, FAULTS_TOLD_MAX).join('\n'));
  }

  private async verify(): Promise<string> {
    return this.stage.verify().then(
      (said) => `presently verify: ${said.trim()}`,
      (error: unknown) => {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`presently verify: ${stdout}${stderr}`, { cause: error });
      },
    );
  }

  private logged(slot: Slot, line: LogLine): void {
    this.recoveries.logged(slot, line);
    if (line.event?.endsWith('.records.lost') === true) this.failures.push(`${slot.name} says ${JSON.stringify(line)}`);
  }

  private ending(slot: Slot, { kind }: Fault): void {
    if (kind === 'kill') this.recoveries.killed(slot);
  }

  private report(ledger: Ledger, upstream: Upstream, faults: Faults, examiner: Examiner): void {
    // Those whom something is told all the time.
    const resumes = this.watchers
      .filter(({ userId }) => WATCHING.includes(userId))
      .flatMap(({ recoveriesMs }) => recoveriesMs);
    const frames = this.watchers.reduce((sum, watcher) => sum + watcher.frames, 0);
    this.options.say(
      table([
        ...[...faults.counts].sort(([a], [b]) => (a < b ? -1 : 1)),
        ['connections left to a node that was killed', faults.ghosts.length],
        ['events acknowledged', ledger.acknowledged],
        ['requests, of which failed and sent again', `${upstream.requests}, ${upstream.failures}`],
        ['clients, frames, tokens checked', `${this.watchers.length}, ${frames}, ${examiner.tokens}`],
        [
          'process serves after its start, p50 / p99 ms',
          quantiles(this.stage.slots.flatMap(({ startsMs }) => startsMs)),
        ],
        ['partition folded again, p50 / p99 ms', quantiles(this.recoveries.ms)],
        ['images taken, begun from', `${this.recoveries.images.taken}, ${this.recoveries.images.restored}`],
        ['client has its next frame, p50 / p99 ms', quantiles(resumes)],
        ['minutes', ((Date.now() - this.startedAt) / 60_000).toFixed(1)],
      ]),
    );
  }

  private say(line: string): void {
    this.options.say(`${((Date.now() - this.startedAt) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
  }
}
