import type { Registry } from 'prom-client';
import { Counter } from 'prom-client';

const NAME = 'presently_lost_records_total';

/** Counts `count` records of a partition as lost. With 0 it shows that none was. */
export type CountLost = (partition: number, count: number) => void;

/**
 * The counter that has to read zero, for one app of the process: records that the app should have been given by the log,
 * and was not. All apps of a process share the metric. An operator is to be woken by it (docs/OPERATIONS.md).
 */
export function lostRecords(registry: Registry, app: 'projector' | 'delivery'): CountLost {
  const counter =
    (registry.getSingleMetric(NAME) as Counter<'app' | 'partition'> | undefined) ??
    new Counter({
      name: NAME,
      help: 'Records that should have been read and were not. It has to stay 0.',
      labelNames: ['app', 'partition'] as const,
      registers: [registry],
    });
  return (partition, count) => counter.inc({ app, partition: String(partition) }, count);
}
