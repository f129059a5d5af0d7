/** Gathers what a process still waits for before it is ready. */
export class Readiness {
  private readonly checks: (() => string | null)[] = [];

  /** `check` returns a sentence while its part is not ready, else null. */
  require(check: () => string | null): void {
    this.checks.push(check);
  }

  waitingFor(): string[] {
    return this.checks.map((check) => check()).filter((reason) => reason !== null);
  }
}
