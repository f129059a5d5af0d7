import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ended, startChild } from './child.ts';
import type { CrowdCall, Load, LoadReport, Opening, Posting, PostReport, StormReport } from './crowd-calls.ts';

/** The load side, seen from here. */
export class Crowd {
  private readonly child: ChildProcess = startChild('./crowd-process', [], {}, ['ignore', 'inherit', 'inherit', 'ipc']);
  private readonly exit: Promise<never>;

  constructor() {
    this.exit = once(this.child, 'exit').then(([code]) => {
      throw new Error(`The load side has ended (${String(code)}).`);
    });
    this.exit.catch(() => undefined); // whoever calls it hears
  }

  /** Opens a connection for each user. Resolves when all have their snapshots; rejects when one of them failed. */
  async open(opening: Opening): Promise<void> {
    const failures = await this.call<readonly string[]>({ do: 'open', opening });
    if (failures.length > 0) throw new Error(`Subscribers could not connect: ${failures.join(', ')}.`);
  }

  /** Changes users, and tells what the subscribers heard. */
  async change(load: Load): Promise<LoadReport> {
    return this.sound(await this.call<LoadReport>({ do: 'change', load }));
  }

  /** Breaks all connections, changes users, and has all come back at once. */
  storm(opening: Opening, load: Load): Promise<StormReport> {
    return this.call<StormReport>({ do: 'storm', opening, load });
  }

  async post(posting: Posting): Promise<PostReport> {
    return this.sound(await this.call<PostReport>({ do: 'post', posting }));
  }

  async end(): Promise<void> {
    this.child.kill();
    await ended(this.child);
  }

  private sound<Report extends { failures: readonly string[] }>(report: Report): Report {
    if (report.failures.length > 0) throw new Error(`The load was not taken: ${report.failures.join(', ')}.`);
    return report;
  }

  private call<Answer>(call: CrowdCall): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) =>
      this.child.once('message', (message) => resolve(message as Answer)),
    );
    this.child.send(call);
    return Promise.race([answer, this.exit]);
  }
}
