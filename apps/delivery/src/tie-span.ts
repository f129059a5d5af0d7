import type { Position, Stretch } from '#domain/state';
import { isBefore } from '#domain/state';
import type { TieRecord } from '#domain/state-records';
import { positionOf, stretchOf } from '#domain/state-records';
import { firstMembership } from '#domain/tie';

/** Positions of all partitions: where a reader stands. */
export type Cursor = readonly Position[];

/** When a question is about: now, or where a reader stood. */
export type Moment = 'now' | Cursor;

/** A relation and the positions between which it held, in the partition of its user. */
export interface TieSpan {
  readonly since: Position;
  readonly until: Position | null;
  /** It held before, too, somewhere in this stretch. */
  readonly earlier: Stretch | null;
}

/** Whether something held, as far as is remembered. In this order, so that "and" is the least, "or" the greatest. */
export const NO = 0;
export const MAYBE = 1;
export const YES = 2;
export type Held = typeof NO | typeof MAYBE | typeof YES;

export const and = (a: Held, b: Held): Held => (a < b ? a : b);

/** Of a membership; unlike other spans not to be spread. */
export function membershipSpan(record: TieRecord): TieSpan {
  return record.until === null && record.earlier === null ? firstMembership(positionOf(record.since)) : spanOf(record);
}

export function spanOf(record: TieRecord): TieSpan {
  return {
    since: positionOf(record.since),
    until: record.until === null ? null : positionOf(record.until),
    earlier: stretchOf(record.earlier),
  };
}

export const stands = <Span extends TieSpan>(span: Span | undefined): span is Span => span?.until === null;

/** Whether the span held for a reader who had seen its partition up to `cursor`. */
export function heldAt({ since, until, earlier }: TieSpan, cursor: Position): Held {
  if (isBefore(since, cursor)) return until === null || !isBefore(until, cursor) ? YES : NO;
  return earlier !== null && isBefore(earlier.since, cursor) && !isBefore(earlier.until, cursor) ? MAYBE : NO;
}
