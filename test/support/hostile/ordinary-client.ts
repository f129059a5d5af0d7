import type { HostileServer } from './hostile-server.ts';

const EVERY_MS = 50;

/** How an ordinary client has fared. */
interface Fared {
  readonly answers: number;
  readonly refused: readonly string[];
  readonly slowestMs: number;
}

/** Asks for its status again and again, as clients do, while others do what they do. */
export class OrdinaryClient {
  private answers = 0;
  private readonly refused: string[] = [];
  private slowestMs = 0;
  private isStopping = false;
  private readonly asking: Promise<void>;

  constructor(private readonly server: HostileServer) {
    this.asking = this.ask();
  }

  async stop(): Promise<Fared> {
    this.isStopping = true;
    await this.asking;
    const { answers, refused, slowestMs } = this;
    return { answers, refused, slowestMs };
  }

  private async ask(): Promise<void> {
    while (!this.isStopping) {
      const start = performance.now();
      try {
        const { status } = await this.server.bystander();
        if (status === 200) this.answers++;
        else this.refused.push(String(status));
      } catch (error) {
        this.refused.push(String((error as Error).cause ?? error));
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
