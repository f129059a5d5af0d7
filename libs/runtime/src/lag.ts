import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';

/** How far a reader of a partition is behind. */
export interface Lag {
  readonly partition: number;
  readonly records: number;
  /** Age of what was read last, or 0 when there is nothing more to read. */
  readonly seconds: number;
}

/** Shows lags, per partition, in records and in seconds. `what` completes "… that are not …". */
export function lagMetrics(registry: Registry, prefix: string, what: string, lags: () => readonly Lag[]): void {
  const gauge = (name: string, help: string, value: (lag: Lag) => number): void => {
    new Gauge({
      name: `${prefix}_${name}`,
      help,
      labelNames: ['partition'],
      registers: [registry],
      collect() {
        this.reset();
        for (const lag of lags()) this.set({ partition: String(lag.partition) }, value(lag));
      },
    });
  };
  gauge('lag_records', `Records ${what} yet.`, ({ records }) => records);
  gauge(
    'lag_seconds',
    `Age of the last record that was read, while there are records ${what} yet.`,
    ({ seconds }) => seconds,
  );
}
