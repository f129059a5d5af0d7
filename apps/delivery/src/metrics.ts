import type { Registry } from 'prom-client';
import { gauge } from '#runtime/gauge';
import { lagMetrics } from '#runtime/lag';
import type { Delivery } from './delivery.ts';

/** Shows how many are served, and how far behind the state this node is. */
export function deliveryMetrics(registry: Registry, delivery: Delivery): void {
  gauge(registry, 'presently_delivery_connections', 'Open streams.', () => delivery.connectionCount);
  gauge(registry, 'presently_delivery_users', 'Users whose state is held.', () => delivery.userCount);
  lagMetrics(registry, 'presently_delivery', 'of presence.state that are not applied', () => delivery.lags());
}
