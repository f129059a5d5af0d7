import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { WsClient } from '../support/ws-client.ts';
import type { Fault } from './fault.ts';
import type { Slot } from './slot.ts';
import type { Stage } from './stage.ts';
import type { Watcher } from './watcher.ts';

const EXIT_MS_MAX = 10_000;
const CONNECT_MS_MAX = 1_000;
/** Until what a new connection says is in the log. */
const HEARD_MS = 200;
const FREE_WAIT_MS_MAX = 60_000;

/** What the run hears of its faults. */
export interface FaultWatch {
  /** For the timeline. */
  say(line: string): void;
  /** A process is about to be ended, or to stand still. */
  ending(slot: Slot, fault: Fault): void;
  /** Something did not go as it must. */
  failed(fault: string): void;
}

/** Does what the plan says to what is running. */
export class Faults {
  /** Users who were connected to a node when it was killed, and never came back. */
  readonly ghosts: string[] = [];
  readonly counts = new Map<string, number>();
  private readonly random: SeededRandom;
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly stage: Stage,
    private readonly watchers: readonly Watcher[],
    seed: number,
    private readonly watch: FaultWatch,
  ) {
    this.random = new SeededRandom(seed);
  }

  /** Begins it, as soon as a process is there that it can be done to. */
  async begin(fault: Fault): Promise<void> {
    await sleep(fault.afterMs);
    const { kind } = fault;
    if (kind === 'cut') this.random.pick(this.watchers).cut();
    else if (kind === 'kill' || kind === 'restart' || kind === 'stop and go on') {
      const slot = await this.freeSlot(fault.app);
      slot.isBusy = true;
      this.note(`${kind} ${slot.name}`, `${kind} ${slot.app}`);
      this.track(this.toProcess(slot, fault).finally(() => (slot.isBusy = false)));
      return;
    } else {
      this.track(this.stage.disturb(fault));
    }
    this.note(kind, kind);
  }

  /** Resolves when everything that was begun is over. */
  async over(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private async toProcess(slot: Slot, fault: Fault): Promise<void> {
    if (fault.kind === 'stop and go on') {
      this.watch.ending(slot, fault);
      slot.send('SIGSTOP');
      await sleep(fault.lastsMs);
      slot.send('SIGCONT');
      return;
    }
    if (fault.kind === 'restart') {
      const startedAt = Date.now();
      this.watch.ending(slot, fault);
      const code = await slot.end('SIGTERM');
      const ms = Date.now() - startedAt;
      // 1: while brokers were away it could not drain in time.
      if (code === 1) this.note(`${slot.name} could not drain`, 'restart that could not drain');
      if ((code !== 0 && code !== 1) || ms > EXIT_MS_MAX)
        this.watch.failed(`${slot.name} ended with ${code}, ${ms} ms after SIGTERM`);
    } else {
      if (this.stage.delivery.includes(slot.url) && this.random.chance(0.3)) await this.addGhost(slot);
      this.watch.ending(slot, fault);
      await slot.end('SIGKILL');
    }
    await this.stage.startable();
    await slot.start();
  }

  /** Somebody connects, just before the node dies. */
  private async addGhost(slot: Slot): Promise<void> {
    const user = `@ghost-${this.ghosts.length}:here`;
    const client = new WsClient(slot.url, `${user}/D`, { setPresence: 'online' });
    const opened = await Promise.race([
      once(client.socket, 'open').then(
        () => true,
        () => false,
      ),
      sleep(CONNECT_MS_MAX, false),
    ]);
    await sleep(HEARD_MS);
    if (opened) this.ghosts.push(user);
    client.ended.catch(() => undefined); // it ends with the node
  }

  private async freeSlot(app: string): Promise<Slot> {
    for (const startedAt = Date.now(); ; await sleep(20)) {
      const free = this.stage.slots.filter((slot) => slot.app === app && !slot.isBusy);
      if (free.length > 0) return this.random.pick(free);
      if (Date.now() - startedAt > FREE_WAIT_MS_MAX)
        throw new Error(`No ${app} serves ${FREE_WAIT_MS_MAX} ms after it was started.`);
    }
  }

  private note(line: string, kind: string): void {
    this.watch.say(line);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  private track(done: Promise<void>): void {
    const tracked: Promise<void> = done
      .catch((error: unknown) => this.watch.failed((error as Error).message))
      .finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
  }
}
