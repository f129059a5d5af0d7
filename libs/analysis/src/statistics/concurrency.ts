import type { Presence } from '#domain/state';
import type { Column, Row } from '../table.ts';

export const CONCURRENCY_COLUMNS: readonly Column[] = [
  { name: 'ts', type: 'time' },
  { name: 'online', type: 'integer' },
  { name: 'unavailable', type: 'integer' },
];

export const MINUTE_MS = 60_000;

interface Counts {
  online: number;
  unavailable: number;
}

/** How many were shown online and unavailable at each full minute. Changes may come in any order. */
export class Concurrency {
  /** What changed since the minute before, by the number of the minute. */
  private readonly deltas = new Map<number, Counts>();

  /** Somebody is shown differently from `ts` on; null: not shown at all. */
  change(ts: number, before: Presence | null, after: Presence | null): void {
    const minute = Math.ceil(ts / MINUTE_MS);
    let delta = this.deltas.get(minute);
    if (delta === undefined) this.deltas.set(minute, (delta = { online: 0, unavailable: 0 }));
    if (before !== null && before !== 'offline') delta[before]--;
    if (after !== null && after !== 'offline') delta[after]++;
  }

  /** A row for each full minute from `from` to `to`. */
  *rows(from: number, to: number): Iterable<Row> {
    const first = Math.ceil(from / MINUTE_MS);
    let online = 0;
    let unavailable = 0;
    const take = (delta: Counts | undefined): void => {
      online += delta?.online ?? 0;
      unavailable += delta?.unavailable ?? 0;
    };
    for (const [minute, delta] of this.deltas) if (minute < first) take(delta);
    for (let minute = first; minute * MINUTE_MS <= to; minute++) {
      take(this.deltas.get(minute));
      yield [minute * MINUTE_MS, online, unavailable];
    }
  }
}
