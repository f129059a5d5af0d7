import type { Registry } from 'prom-client';
import { Counter } from 'prom-client';
import { gauge } from '#runtime/gauge';
import { lagMetrics } from '#runtime/lag';
import { lostRecords } from '#runtime/lost-records';
import type { Delivery, DeliveryObserver } from './delivery.ts';

/** Counts what a node takes and gives, and shows how many it serves, and how far behind the state it is. */
export function deliveryMetrics(
  registry: Registry,
  partitionCount: number,
  delivery: () => Delivery,
): DeliveryObserver {
  gauge(registry, 'presently_delivery_connections', 'Open streams.', () => delivery().connectionCount);
  gauge(registry, 'presently_delivery_users', 'Users whose state is held.', () => delivery().userCount);
  lagMetrics(registry, 'presently_delivery', 'of presence.state that are not applied', () => delivery().lags());
  const registers = [registry];
  const labelNames = ['partition'] as const;
  const counter = (name: string, help: string): Counter<'partition'> =>
    new Counter({ name: `presently_delivery_${name}_total`, help, labelNames, registers });
  const checkpoints = counter('checkpoints', 'Commits of the projector that were read to their end.');
  const changes = counter('changes', 'Records of presence.state that were read, besides checkpoints.');
  const frames = new Counter({
    name: 'presently_delivery_frames_total',
    help: 'Frames that were given to streams, WebSockets and polls.',
    registers,
  });
  const countLost = lostRecords(registry, 'delivery');
  for (let partition = 0; partition < partitionCount; partition++) countLost(partition, 0); // so that it is there from the start
  return {
    taken(partition, counts) {
      const labels = { partition: String(partition) };
      checkpoints.inc(labels, counts.checkpoints);
      changes.inc(labels, counts.changes);
    },
    lost: countLost,
    given: (count) => frames.inc(count),
  };
}
