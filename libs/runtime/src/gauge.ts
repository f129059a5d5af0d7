import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';

/** Shows what `value` returns whenever the metrics are asked for. */
export function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}
