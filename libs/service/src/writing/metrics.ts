import type { Registry } from 'prom-client';
import { Counter } from 'prom-client';
import type { RefusalReason, WriterObserver } from './event-writer.ts';

const REASONS: readonly RefusalReason[] = ['bad', 'too_many', 'archive', 'busy', 'unavailable', 'failed'];

/** Counts what comes to be written: what was taken is appended, refused, or still under way. */
export function writerMetrics(registry: Registry): WriterObserver {
  const registers = [registry];
  const taken = new Counter({
    name: 'presently_events_taken_total',
    help: 'Events that came to be written, also those that were refused.',
    registers,
  });
  const appended = new Counter({
    name: 'presently_events_appended_total',
    help: 'Events that are durable in the log, and were acknowledged.',
    registers,
  });
  const refused = new Counter({
    name: 'presently_events_refused_total',
    help: 'Events that were not acknowledged. One bad event refuses all of its request.',
    labelNames: ['reason'] as const,
    registers,
  });
  for (const reason of REASONS) refused.inc({ reason }, 0); // so that it is there from the start
  return {
    taken: (count) => taken.inc(count),
    appended: (count) => appended.inc(count),
    refused: (count, reason) => refused.inc({ reason }, count),
  };
}
