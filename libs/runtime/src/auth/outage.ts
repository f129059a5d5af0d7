import type { Log } from '../log.ts';

/** Logs when another service begins and ceases to fail, not each failure. */
export class Outage {
  private isOn = false;

  /** Logs `NAME.unavailable` and `NAME.available`, each with `fields`. */
  constructor(
    private readonly log: Log,
    private readonly name: string,
    private readonly fields: Record<string, unknown>,
  ) {}

  failed(error: unknown): void {
    if (!this.isOn) {
      const reason = error instanceof Error ? error.message : String(error);
      this.log.warn(`${this.name}.unavailable`, { ...this.fields, error: reason });
    }
    this.isOn = true;
  }

  succeeded(): void {
    if (this.isOn) this.log.info(`${this.name}.available`, this.fields);
    this.isOn = false;
  }
}
