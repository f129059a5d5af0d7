import type { UserEvent } from '#domain/events';
import type { FilledRecord } from './log-places.ts';
import type { Trace } from './trace.ts';

/** The events of a trace as records of an archive. */
export function* traceRecords(trace: Trace, eventsMin: number): Iterable<FilledRecord[]> {
  let timestamp = 0;
  for (const lines of trace.blocks(eventsMin)) {
    yield lines.map((value) => {
      const { ts, user_id: key } = JSON.parse(value) as UserEvent;
      timestamp = Math.max(timestamp, ts ?? 0);
      return { key, value, timestamp };
    });
  }
}
