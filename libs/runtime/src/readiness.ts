import type { Registry } from 'prom-client';
import { gauge } from './gauge.ts';

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

/** Shows on `/metrics` what `/readyz` says. */
export function readyGauge(registry: Registry, isReady: () => boolean): void {
  const help = 'Whether the process is caught up and can take traffic, as /readyz says: 1, or 0.';
  gauge(registry, 'presently_ready', help, () => (isReady() ? 1 : 0));
}
