import { SourceProcess } from '../support/source-process.ts';
import type { CrowdOptions, CrowdReport } from './crowd-options.ts';

const LOOK_EVERY_MS = 100;
const WAIT_MS_MAX = 120_000;

/** The crowd, in its process. */
export class Crowd {
  private readonly process: SourceProcess;

  constructor(private readonly options: CrowdOptions) {
    this.process = new SourceProcess('test/overload/crowd-process.ts', [JSON.stringify(options)]);
  }

  /** Resolves when all streams are open, with how long that took, milliseconds. */
  async allIn(): Promise<number> {
    const startedAt = performance.now();
    for (;;) {
      const report = await this.tell('report');
      const ms = performance.now() - startedAt;
      if (report.open === this.options.streams) return ms;
      if (ms > WAIT_MS_MAX) throw new Error(`Not all are in: ${JSON.stringify(report)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** All drop their connections and come back at once. Resolves when they are in, with how long that took. */
  async storm(): Promise<number> {
    await this.tell('storm');
    return this.allIn();
  }

  async end(): Promise<CrowdReport> {
    const report = await this.tell('report');
    await this.process.kill('SIGKILL');
    return report;
  }

  private async tell(what: 'report' | 'storm'): Promise<CrowdReport> {
    const { process } = this;
    process.lines.length = 0;
    process.child.stdin.write(`${what}\n`);
    return JSON.parse(await process.line(() => true)) as CrowdReport;
  }
}
