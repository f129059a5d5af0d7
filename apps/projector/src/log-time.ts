/** How far the time of a partition of the log is ahead of this machine's clock. */
export interface LogTimeAhead {
  readonly partition: number;
  readonly ms: number;
}

/** More than clocks that are set by NTP are ever apart. */
const AHEAD_MS_MAX = 60_000;

/** Why deadlines come early or late, as a sentence: log time never goes back, so it waits for clocks that were ahead; else null. */
export function logTimeFault(aheads: readonly LogTimeAhead[]): string | null {
  const [furthest] = aheads.toSorted((a, b) => b.ms - a.ms);
  if (furthest === undefined || furthest.ms <= AHEAD_MS_MAX) return null;
  return (
    `the time of partition ${furthest.partition} is ${Math.round(furthest.ms / 1_000)} s ahead of this machine's clock, so ` +
    `that nobody there becomes idle or offline by time at the right moment: set the clocks of the brokers and of this machine ` +
    `right (NTP); if the brokers' are right now, it ends by itself when that time has come`
  );
}
