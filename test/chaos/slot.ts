import type { SourceProcess } from '../support/source-process.ts';

/** Of a process's log, as far as anybody here looks at it. */
export interface LogLine {
  readonly event?: string;
  readonly partition?: number;
}

/** What a slot reports. */
export interface SlotWatch {
  /** It ended, and nobody had ended it. */
  endedByItself(slot: Slot, how: string): void;
  /** A line of its log. */
  logged(slot: Slot, line: LogLine): void;
}

/** The place of a process, at one address: when a process in it has ended, the next one starts there. */
export class Slot {
  /** It is being ended or started; or it stands still. */
  isBusy = false;
  /** How long each start took until it served, milliseconds. */
  readonly startsMs: number[] = [];
  private process: SourceProcess | null = null;
  private isWanted = false;

  constructor(
    readonly name: string,
    readonly app: string,
    readonly url: string,
    private readonly spawn: () => SourceProcess,
    private readonly watch: SlotWatch,
  ) {}

  get pid(): number {
    return this.process?.child.pid ?? 0;
  }

  /** Starts a process, and resolves when it serves. Rejects when it ends before. */
  async start(): Promise<void> {
    const startedAt = Date.now();
    const process = this.spawn();
    this.process = process;
    this.isWanted = true;
    let rest = '';
    process.child.stderr.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('{')) this.watch.logged(this, JSON.parse(line) as LogLine);
    });
    void process.exited.then((how) => {
      if (this.process === process && this.isWanted) {
        this.watch.endedByItself(this, `${how}: ${process.errors.slice(-2_000)}`);
      }
    });
    await process.line((line) => line.includes(' listens on http'));
    this.startsMs.push(Date.now() - startedAt);
  }

  /** Sends a signal that ends it; resolves with the exit code, or the signal's name. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string> {
    this.isWanted = false;
    return (await this.process?.kill(signal)) ?? 'it did not run';
  }

  /** SIGSTOP: it keeps its connections, and answers nobody. Or SIGCONT. */
  send(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process?.child.kill(signal);
  }

  /** Resolves when it is caught up. Rejects after a while. */
  async ready(waitMsMax: number): Promise<void> {
    for (const startedAt = Date.now(); ;) {
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      const text = await answer?.text().catch(() => '');
      if (answer?.ok === true) return;
      if (Date.now() - startedAt > waitMsMax) {
        throw new Error(`${this.name} is not ready after ${waitMsMax} ms: ${text ?? 'it does not answer'}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
