import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import { lagMetrics } from '#runtime/lag';
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
  lagMetrics(registry, 'presently_delivery', 'of presence.state that are not applied', () => delivery.lags());
}
