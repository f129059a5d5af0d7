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
  const secondsHelp = `Age of the last record that was read, while there are records ${what} yet.`;
  partitionGauge(registry, `${prefix}_lag_records`, `Records ${what} yet.`, lags, ({ records }) => records);
  partitionGauge(registry, `${prefix}_lag_seconds`, secondsHelp, lags, ({ seconds }) => seconds);
}

/** A gauge with a value for each partition that there is something to say of. */
export function partitionGauge<Item extends { readonly partition: number }>(
  registry: Registry,
  name: string,
  help: string,
  items: () => readonly Item[],
  value: (item: Item) => number,
): void {
  new Gauge({
    name,
    help,
    labelNames: ['partition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const item of items()) this.set({ partition: String(item.partition) }, value(item));
    },
  });
}

/** Why a part that is further behind than `secondsMax` (0: no bound) had better be given no more, as a sentence; else null. */
export function lagFault(part: string, lags: readonly Lag[], secondsMax: number, remedy: string): string | null {
  const [furthest] = lags.toSorted((a, b) => b.seconds - a.seconds);
  if (secondsMax === 0 || furthest === undefined || furthest.seconds <= secondsMax) return null;
  const { partition, records, seconds } = furthest;
  const behind = `${records.toLocaleString('en')} records and ${Math.round(seconds)} s behind in partition ${partition}`;
  return `${part} is ${behind}, and more than ${secondsMax} s is too much (PRESENTLY_READY_LAG_MS): ${remedy}`;
}
