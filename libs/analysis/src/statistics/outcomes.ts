import type { Column, Row } from '../table.ts';

export const OUTCOME_COLUMNS: readonly Column[] = [
  { name: 'outcome', type: 'text' },
  { name: 'cause', type: 'text' },
  { name: 'why', type: 'text' },
  { name: 'count', type: 'integer' },
];

/** What became of an event or a deadline (SEMANTICS.md, "Announcements"). */
export type Outcome = 'announced' | 'silent' | 'no change' | 'refused';

/** Why a change was told to nobody. */
export const SILENT = {
  active: 'only the last active time moved, of a user who is currently active',
  recent: 'only the last active time moved, by no more than activeForMs',
  unseen: 'nothing that others see',
  device: 'a device went away, and another shows the same',
} as const;

/** Counts what became of events and deadlines. */
export class Outcomes {
  private readonly counts = new Map<string, { outcome: Outcome; cause: string; why: string; count: number }>();

  add(outcome: Outcome, cause: string, why = '', count = 1): void {
    if (count === 0) return;
    const key = `${outcome}|${cause}|${why}`;
    const known = this.counts.get(key);
    if (known === undefined) this.counts.set(key, { outcome, cause, why, count });
    else known.count += count;
  }

  total(outcome: Outcome): number {
    return [...this.counts.values()].reduce((sum, one) => sum + (one.outcome === outcome ? one.count : 0), 0);
  }

  /** The most frequent first, those announced before the others. */
  rows(): Row[] {
    const order: readonly Outcome[] = ['announced', 'silent', 'no change', 'refused'];
    return [...this.counts.values()]
      .sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || b.count - a.count)
      .map(({ outcome, cause, why, count }) => [outcome, cause, why, count]);
  }
}
