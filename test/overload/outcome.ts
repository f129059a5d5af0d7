import type { CrowdReport } from './crowd-options.ts';
import type { Seen } from './gauges.ts';
import type { LoadResult } from './load-options.ts';

/** What came of a system that was offered too much. */
export interface Outcome {
  /** Events a second that it takes when nobody hurries it, and that were offered, and acknowledged then. */
  readonly takenPerS: number;
  readonly offeredPerS: number;
  readonly acknowledgedPerS: number;
  readonly offered: LoadResult;
  /** Acknowledged requests that are not in the log. */
  readonly missing: number;
  /** Events in the log, without those of the requests that are. */
  readonly torn: number;
  readonly crowd: CrowdReport;
  /** Until all of the crowd were in again. */
  readonly stormMs: number;
  /** After the load: until nothing was behind, and a fresh event had reached a subscriber; and that event's time. */
  readonly recoveredMs: number;
  readonly freshMs: number;
  readonly seen: Seen;
  /** What `presently verify` has said. */
  readonly verified: string;
  readonly exitCodes: readonly (number | string)[];
}

/** What a run has to keep. */
export interface Bounds {
  /** Of each process, without files that are mapped, MiB. */
  readonly memoryMibMax: number;
  readonly stormMsMax: number;
  readonly recoveryMsMax: number;
  readonly freshMsMax: number;
}

const ANSWERS = ['200', '429', '503'];

/** What does not hold, a sentence each. */
export function failuresOf(outcome: Outcome, bounds: Bounds): string[] {
  const { offered, crowd, seen } = outcome;
  const others = Object.entries(offered.answers).filter(([status]) => !ANSWERS.includes(status));
  const crowdErrors = Object.keys(crowd.refusals).filter((how) => /^[45]/.test(how) && !ANSWERS.includes(how));
  const memory = Object.entries(seen.memoryMib).filter(([, mib]) => mib > bounds.memoryMibMax);
  const checks: readonly (readonly [boolean, string])[] = [
    [others.length === 0, `requests were answered with ${JSON.stringify(others)}`],
    [crowdErrors.length === 0, `streams were answered with ${crowdErrors.join()}`],
    [offered.withoutRetryAfter + crowd.withoutRetryAfter === 0, 'a 429 or 503 does not say when to come again'],
    [(offered.answers['200'] ?? 0) > 0, 'nothing was acknowledged'],
    [(offered.answers['200'] ?? 0) < offered.due, 'all was taken: it was not too much'],
    [outcome.missing === 0, `${outcome.missing} acknowledged requests are not in the log`],
    [outcome.torn === 0, `${outcome.torn} events more, or less, than those of whole requests are in the log`],
    [memory.length === 0, `more than ${bounds.memoryMibMax} MiB of memory: ${JSON.stringify(memory)}`],
    [outcome.stormMs <= bounds.stormMsMax, `the crowd was back only after ${Math.round(outcome.stormMs)} ms`],
    [
      outcome.recoveredMs <= bounds.recoveryMsMax,
      `all was well only ${Math.round(outcome.recoveredMs)} ms after the load`,
    ],
    [outcome.freshMs <= bounds.freshMsMax, `a fresh event took ${Math.round(outcome.freshMs)} ms`],
    [/^agree/m.test(outcome.verified), `verify says: ${outcome.verified}`],
    [outcome.exitCodes.every((code) => code === 0), `exit codes ${outcome.exitCodes.join()}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, what]) => what);
}

/** As a table. */
export function rowsOf(outcome: Outcome): (readonly [string, string])[] {
  const { offered, crowd, seen } = outcome;
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${whole(count)}`)
      .join(', ') || 'none';
  return [
    ['taken, events/s', whole(outcome.takenPerS)],
    ['offered, events/s', whole(outcome.offeredPerS)],
    ['acknowledged then, events/s', whole(outcome.acknowledgedPerS)],
    ['requests due, sent', `${whole(offered.due)}, ${whole(offered.sent)}`],
    ['answers', list(offered.answers)],
    ['answer p50, max', `${whole(offered.p50Ms)}, ${whole(offered.maxMs)} ms`],
    ['/healthz, max', `${whole(seen.healthMs)} ms`],
    ['memory, max MiB', list(seen.memoryMib)],
    ['projector behind, max', `${whole(seen.lagRecords.projector)} records, ${seen.lagSeconds.projector.toFixed(1)} s`],
    ['delivery behind, max', `${whole(seen.lagRecords.delivery)} records, ${seen.lagSeconds.delivery.toFixed(1)} s`],
    ['/readyz', seen.unready ?? 'ready all the time'],
    ['storm: all back after', `${whole(outcome.stormMs)} ms`],
    ['streams not let in, or ended', list(crowd.refusals)],
    ['after the load: well after', `${whole(outcome.recoveredMs)} ms`],
    ['a fresh event takes', `${whole(outcome.freshMs)} ms`],
    ['acknowledged and not there', whole(outcome.missing)],
    ['verify', outcome.verified.trim()],
  ];
}
