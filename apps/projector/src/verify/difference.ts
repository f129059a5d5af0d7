import { isDeepStrictEqual } from 'node:util';
import { idsOfKey } from '#domain/state-records';

type Json = Readonly<Record<string, unknown>>;

/** Where the log, the state and a fresh fold do not agree. */
export interface Difference {
  /** What it is about, as `user @bob:x`. */
  readonly subject: string;
  /** Offset of the event at which it began, as far as the two sides say. */
  readonly offset: number;
  /** What each side says, for people. */
  readonly text: string;
}

/** `what` of null: nothing. */
export function saying(who: string, what: string | null, fold: string | null): string {
  return `${who} says ${what ?? 'nothing'}, fold says ${fold ?? 'nothing'}`;
}

/** The one at the earliest event; null: there is none. */
export function earliest(differences: readonly (Difference | null)[]): Difference | null {
  return differences.reduce((a, b) => (a === null || (b !== null && b.offset < a.offset) ? b : a), null);
}

/** How a record of `state` is called by people. */
function subjectOf(key: string): string {
  const { kind, ids } = idsOfKey(key);
  const [first = '', second = ''] = ids;
  if (kind === 'user') return `user ${first}`;
  if (kind === 'member') return `user ${second}, membership of ${first}`;
  if (kind === 'invite') return `user ${first}, invitation of ${second}`;
  if (kind === 'answer') return `user ${first}, answer to ${second}`;
  if (kind === 'visibility') return `user ${first}, visibility`;
  return `the ${key}`;
}

/** Compares one record, as JSON; undefined: that side has none. Null: they say the same. */
export function differenceOf(key: string, state: string | undefined, fold: string | undefined): Difference | null {
  if (state === fold) return null;
  const subject = subjectOf(key);
  const [theirs, ours] = [parse(state), parse(fold)];
  if (theirs === null || ours === null) {
    const offset = offsetOf(ours ?? theirs);
    return { subject, offset, text: saying('state', state ?? null, fold ?? null) };
  }
  const fields = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter(
    (field) => !isDeepStrictEqual(theirs[field], ours[field]) && !isOptional(theirs, field),
  );
  if (fields.length === 0) return null;
  return {
    subject,
    offset: Math.min(offsetOf(theirs), offsetOf(ours)),
    text: saying('state', JSON.stringify(only(fields, theirs)), JSON.stringify(only(fields, ours))),
  };
}

/** What an older version did not write yet, and what no fold can know: the number of a checkpoint. */
function isOptional(state: Json, field: string): boolean {
  if (state.kind === 'checkpoint') return field === 'number';
  return state.kind === 'visibility' && field === 'before' && state.before === undefined;
}

const only = (fields: readonly string[], json: Json): Json =>
  Object.fromEntries(fields.map((field) => [field, json[field] ?? null]));

/** Null: there is none, or it is no JSON object. */
function parse(text: string | undefined): Json | null {
  if (text === undefined) return null;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Json) : null;
  } catch {
    return null;
  }
}

/** Offset of the event that made the record as it is: of its last change, or of its end, or else of its beginning. */
function offsetOf(record: Json | null): number {
  if (record === null) return 0;
  const position = record.until ?? record.since ?? record.next ?? record.at ?? 0;
  return Number(Array.isArray(position) ? position[0] : position);
}
