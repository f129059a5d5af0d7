import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import type { Delivery } from './delivery.ts';

/** Shows how many are served, and how far behind the state this node is. */
export function deliveryMetrics(registry: Registry, delivery: Delivery): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `presently_delivery_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  };
  gauge('connections', 'Open streams.', () => delivery.connectionCount);
  gauge('users', 'Users whose state is held.', () => delivery.userCount);
  new Gauge({
    name: 'presently_delivery_lag_records',
    help: 'Records of presence.state that are not applied yet.',
    labelNames: ['partition'],
    registers: [registry],
    collect() {
      for (const { partition, records } of delivery.lags()) this.set({ partition: String(partition) }, records);
    },
  });
}
