import type { Registry } from 'prom-client';
import { Counter } from 'prom-client';
import { lagMetrics } from '#runtime/lag';
import type { WorkerObserver } from './partition-worker.ts';
import type { Projector } from './projector.ts';

/** Counts what the workers do, and shows how far they are behind. */
export function projectorMetrics(registry: Registry, projector: () => Projector): WorkerObserver {
  const registers = [registry];
  const labelNames = ['partition'] as const;
  const counter = (name: string, help: string): Counter<'partition'> =>
    new Counter({ name: `presently_projector_${name}_total`, help, labelNames, registers });
  const events = counter('events', 'Records folded.');
  const announcements = counter('announcements', 'Announcements made.');
  const deadLetters = counter('dead_letters', 'Records that could not be folded.');
  const commits = counter('commits', 'Commits written.');
  lagMetrics(registry, 'presently_projector', 'that are not folded', () => projector().lags());
  return {
    committed(partition, counts) {
      const labels = { partition: String(partition) };
      events.inc(labels, counts.events);
      announcements.inc(labels, counts.announcements);
      deadLetters.inc(labels, counts.deadLetters);
      commits.inc(labels);
    },
  };
}
