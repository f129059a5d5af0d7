import { readFileSync } from 'node:fs';
import type { ServerProcess } from '../support/server-process.ts';
import { metricOf } from '../support/verify.ts';
import type { Stage } from './stage.ts';

const EVERY_MS = 500;
/** Metrics of a process with thousands of connections cost it some 10 ms. */
const METRICS_EVERY_MS = 2_000;

interface OfApp {
  projector: number;
  delivery: number;
}

/** The greatest of what was seen. */
export interface Seen {
  /** By process: what it has of its own, MiB. Pages of files that are mapped, as LMDB's, are the system's. */
  readonly memoryMib: Record<string, number>;
  readonly lagRecords: OfApp;
  readonly lagSeconds: OfApp;
  /** How `/readyz` first said that it is not ready; null: it never was. */
  unready: string | null;
  /** How long `/healthz` took, milliseconds. */
  healthMs: number;
}

/** Looks at processes while they are under load. */
export class Gauges {
  readonly seen: Seen = {
    memoryMib: {},
    lagRecords: { projector: 0, delivery: 0 },
    lagSeconds: { projector: 0, delivery: 0 },
    unready: null,
    healthMs: 0,
  };
  private isStopping = false;
  private readonly running: Promise<unknown>;

  constructor(private readonly stage: Stage) {
    const processes = Object.entries(stage.processes);
    this.running = Promise.all([
      ...processes.map(([name, server]) => this.repeat(() => this.memory(name, server))),
      ...processes.map(([, server]) => this.repeat(() => this.health(server))),
      this.repeat(() => this.lag('projector'), METRICS_EVERY_MS),
      this.repeat(() => this.lag('delivery'), METRICS_EVERY_MS),
    ]);
  }

  async stop(): Promise<Seen> {
    this.isStopping = true;
    await this.running;
    return this.seen;
  }

  private async repeat(look: () => Promise<void>, everyMs = EVERY_MS): Promise<void> {
    while (!this.isStopping) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  private memory(name: string, { process }: ServerProcess): Promise<void> {
    const status = readFileSync(`/proc/${process.child.pid}/status`, 'utf8');
    const mib = Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? Infinity) / 1_024;
    this.seen.memoryMib[name] = Math.max(this.seen.memoryMib[name] ?? 0, mib);
    return Promise.resolve();
  }

  private async health({ url }: ServerProcess): Promise<void> {
    const startedAt = performance.now();
    // A connection of its own, as those have who watch over a process.
    await (await fetch(`${url}/healthz`, { headers: { connection: 'close' } })).text();
    this.seen.healthMs = Math.max(this.seen.healthMs, performance.now() - startedAt);
    const ready = await fetch(`${url}/readyz`);
    const text = await ready.text();
    if (!ready.ok) this.seen.unready ??= text;
  }

  private async lag(app: 'projector' | 'delivery'): Promise<void> {
    const { lagRecords, lagSeconds } = this.seen;
    const values = async (what: string): Promise<number[]> =>
      Object.values(await metricOf(this.stage[app], `presently_${app}_lag_${what}`));
    lagRecords[app] = Math.max(lagRecords[app], ...(await values('records')));
    lagSeconds[app] = Math.max(lagSeconds[app], ...(await values('seconds')));
  }
}
