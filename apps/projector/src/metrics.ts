import type { Registry } from 'prom-client';
import { Counter } from 'prom-client';
import { lagMetrics, partitionGauge } from '#runtime/lag';
import { lostRecords } from '#runtime/lost-records';
import type { WorkerObserver } from './partition-worker.ts';
import type { Projector } from './projector.ts';

/** Counts what the workers do, and shows how far they are behind. */
export function projectorMetrics(registry: Registry, projector: () => Projector): WorkerObserver {
  const registers = [registry];
  const labelNames = ['partition'] as const;
  const counter = (name: string, help: string): Counter<'partition'> =>
    new Counter({ name: `presently_projector_${name}_total`, help, labelNames, registers });
  const taken = counter('records_taken', 'Records that the log has given, some of them again.');
  const events = counter('events', 'Records folded.');
  const announcements = counter('announcements', 'Announcements made.');
  const deadLetters = counter('dead_letters', 'Records that could not be folded.');
  const commits = counter('commits', 'Commits written.');
  lagMetrics(registry, 'presently_projector', 'that are not folded', () => projector().lags());
  partitionGauge(
    registry,
    'presently_projector_log_time_ahead_ms',
    "How far the time of the log is ahead of this machine's clock.",
    () => projector().logTimesAhead(),
    ({ ms }) => ms,
  );
  const countLost = lostRecords(registry, 'projector');
  return {
    taken: (partition, records) => taken.inc({ partition: String(partition) }, records),
    lost: countLost,
    committed(partition, counts) {
      const labels = { partition: String(partition) };
      events.inc(labels, counts.events);
      announcements.inc(labels, counts.announcements);
      deadLetters.inc(labels, counts.deadLetters);
      commits.inc(labels);
    },
  };
}
