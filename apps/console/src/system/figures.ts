import type { Metrics } from './metrics.ts';

export interface Figure {
  readonly label: string;
  readonly text: string;
  /** It should not be so. */
  readonly isBad: boolean;
}

/** Counters, shown as so many a second. */
export const RATES = [
  ['Events written', 'presently_events_appended_total'],
  ['Records folded', 'presently_projector_events_total'],
  ['Announcements', 'presently_projector_announcements_total'],
  ['Frames to clients', 'presently_delivery_frames_total'],
] as const;

/** What is so now. Of the last ones any is bad. */
const NOW = [
  ['Connections', 'presently_delivery_connections', false],
  ['Users known', 'presently_delivery_users', false],
  ['Requests over a limit', 'presently_limited_total', false],
  ['Dead letters', 'presently_projector_dead_letters_total', true],
  ['Records lost', 'presently_lost_records_total', true],
] as const;

const BYTES_PER_MIB = 1_048_576;

/** The figures that the metrics have; what another process knows is left out. */
export function figuresOf(metrics: Metrics, before: Metrics | null): Figure[] {
  const rates = RATES.flatMap(([label, name]) => {
    const rate = before === null ? null : metrics.rate(name, before);
    return rate === null ? [] : [{ label, text: `${rateText(rate)}/s`, isBad: false }];
  });
  const now = NOW.flatMap(([label, name, isAnyBad]) => {
    const value = metrics.sum(name);
    return value === null ? [] : [{ label, text: value.toLocaleString(), isBad: isAnyBad && value > 0 }];
  });
  const bytes = metrics.sum('process_resident_memory_bytes');
  const memory =
    bytes === null ? [] : [{ label: 'Memory', text: `${Math.round(bytes / BYTES_PER_MIB)} MiB`, isBad: false }];
  return [...rates, ...now, ...memory];
}

const rateText = (rate: number): string => (rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString());
