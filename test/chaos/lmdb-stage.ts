import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import type { MessageLog } from '#message-log/message-log';
import { systemClock } from '#runtime/clock/system-clock';
import { presentlyIn } from '../support/cli.ts';
import { freePorts } from '../support/kafka/free-ports.ts';
import { SourceProcess } from '../support/source-process.ts';
import { STANDALONE } from '../support/standalone.ts';
import { Disk } from './disk.ts';
import type { Fault } from './fault.ts';
import type { SlotWatch } from './slot.ts';
import { Slot } from './slot.ts';
import type { Stage } from './stage.ts';
import { SETTINGS } from './stage.ts';

/** One process with the embedded log, on a small disk. */
export class LmdbStage implements Stage {
  readonly slots: Slot[] = [];
  readonly apps = [[1, 'standalone']] as const;
  readonly others = { 'stop and go on': 0.05, restart: 0.1, cut: 0.5, 'fill disk': 0.1, 'slow disk': 0.1 };
  private readonly disk: Disk;
  private full: Promise<void> = Promise.resolve();

  /** `directory` has to be there. */
  constructor(private readonly directory: string) {
    this.disk = new Disk(join(directory, 'disk'));
  }

  get ingest(): string[] {
    return this.slots.map(({ url }) => url);
  }

  get delivery(): string[] {
    return this.ingest;
  }

  async start(watch: SlotWatch): Promise<void> {
    const [port] = await freePorts(1, join(this.directory, 'ports'));
    const args = ['--data', this.disk.data, '--port', String(port)];
    const spawn = (): SourceProcess => new SourceProcess(STANDALONE, args, { env: SETTINGS });
    const slot = new Slot('standalone', 'standalone', `http://127.0.0.1:${port}`, spawn, watch);
    this.slots.push(slot);
    await slot.start();
  }

  async read<Result>(use: (log: MessageLog) => Promise<Result>): Promise<Result> {
    const log = LmdbLog.open({ directory: this.disk.data, clock: systemClock, readOnly: true });
    try {
      return await use(log);
    } finally {
      await log.close();
    }
  }

  /** A start needs room on the disk. */
  startable(): Promise<void> {
    return this.full;
  }

  async disturb({ kind, lastsMs }: Fault): Promise<void> {
    while (this.slots.some(({ isBusy }) => isBusy)) await sleep(20); // nor while a process is being started
    const pid = this.slots[0]?.pid ?? 0;
    if (kind === 'fill disk') await (this.full = this.disk.fill(pid, lastsMs));
    else await this.disk.slowDown(pid, lastsMs);
  }

  verify(): Promise<string> {
    return presentlyIn(SETTINGS, 'verify', '--data', this.disk.data, '--url', this.delivery[0] ?? '');
  }

  async dispose(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.end('SIGKILL')));
    this.disk.dispose();
  }
}
