import fc from 'fast-check';
import { deadLetterRecord } from '#projector/dead-letter';
import type { Changes } from '#domain/changes';
import type { DeadLetterValue } from '#domain/dead-letter.schemas';
import { isUserEvent } from '#domain/events';
import type { FoldRecord } from '#domain/fold';
import { Fold } from '#domain/fold';
import { userRecord } from '#domain/state-records';
import { decodeValue } from '#message-log/decode-value';
import { StateTopic } from '../../libs/domain/test/state-topic.ts';
import { USERS, value } from './events.ts';

const LOG_RECORDS_MAX = 100;
const OPTIONS = { partition: { index: 0, count: 1 } };
const TICK = { key: null, decoded: { event: { type: 'tick' } } } as const;
/** No record has a time beyond, so what falls due then never does. */
const TIME_MAX = Number.MAX_SAFE_INTEGER;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

const gap = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 0, 1, 999, SECOND_MS, 30 * SECOND_MS) },
  { weight: 2, arbitrary: fc.constantFrom(-SECOND_MS, 60 * SECOND_MS, 300 * SECOND_MS, 301 * SECOND_MS, DAY_MS) },
);
const start = fc.oneof(
  { weight: 20, arbitrary: fc.constant(1_000_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1_800_000_000_000, TIME_MAX - DAY_MS) },
);
const input = fc.record({
  value,
  gap,
  /** Undefined: the right one. */
  key: fc.oneof(
    { weight: 40, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(null, '', ...USERS) },
  ),
});
/** All devices that a user can have, and all connections of one of them, so that one more is refused. */
const FULL = Array.from({ length: 100 }, (_, at) => String(at)).flatMap((at) =>
  [{ device_id: 'd', connection_id: at }, ...(at === '0' ? [] : [{ device_id: at }])].map((names) => ({
    value: Buffer.from(JSON.stringify({ type: 'device.connected', user_id: USERS[0], ...names })),
    gap: 0,
    key: undefined,
  })),
);
const log = fc.record({
  start,
  before: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constant(FULL) }),
  inputs: fc.array(input, { minLength: 1, maxLength: LOG_RECORDS_MAX, size: 'max' }),
});

/** How many records were folded, and how many were refused. */
export interface Folded {
  records: number;
  refused: number;
}

/**
 * Folds about that many records, good and bad ones. A record either takes effect, or is a dead letter: then a twin, which
 * has a tick in its place, has the same state, deadlines and announcements for ever after. What is restored from the state
 * that was written is the same again. Throws with the shortest log that breaks it, and the seed.
 */
export function fuzzFold(count: number, seed: number, tick = (_done: number): void => undefined): Folded {
  const folded = { records: 0, refused: 0 };
  const property = fc.property(log, ({ start: begin, before, inputs }) => {
    let now = begin;
    const timed = [...before, ...inputs].map((one) => ({ ...one, timestamp: (now = Math.max(0, now + one.gap)) }));
    const refused = foldBoth(timed);
    folded.records += inputs.length;
    folded.refused += refused;
    tick(folded.records);
  });
  const numRuns = Math.ceil((2 * count) / (1 + LOG_RECORDS_MAX));
  fc.assert(property, { numRuns, seed, includeErrorInReport: true });
  return folded;
}

/** Returns how many records were refused. */
function foldBoth(
  inputs: readonly { value: Buffer | null; timestamp: number; key: string | null | undefined }[],
): number {
  const [fold, twin] = [new Fold(OPTIONS), new Fold(OPTIONS)];
  const [state, twinState] = [new StateTopic(), new StateTopic()];
  let refused = 0;
  for (const [offset, { value: bytes, timestamp, key }] of inputs.entries()) {
    const decoded = decodeValue(bytes);
    const right = 'event' in decoded && isUserEvent(decoded.event) ? decoded.event.user_id : null;
    const record: FoldRecord = { offset, timestamp, key: key === undefined ? right : key, decoded };
    fold.apply(record);
    const changes = state.commit(fold);
    const isRefused = changes.deadLetters.length > 0;
    if (isRefused) checkDeadLetter(changes, record, bytes);
    else if ('refused' in decoded) throw new Error(`Offset ${offset} was refused, and is no dead letter`);
    twin.apply(isRefused ? { offset, timestamp, ...TICK } : record);
    const { announcements } = twinState.commit(twin);
    requireSame(`the announcements at offset ${offset}`, changes.announcements, announcements);
    if (!isRefused) continue;
    refused++;
    requireSame(`the state after offset ${offset}`, stateOf(fold), stateOf(twin));
  }
  requireSame('the state at the end', stateOf(fold), stateOf(twin));
  requireSame('what was written', state.records, twinState.records);
  requireSame('what is restored', stateOf(fold), stateOf(state.restore(OPTIONS)));
  return refused;
}

/** There is one, of this record, from which its bytes can be had again. */
function checkDeadLetter({ deadLetters }: Changes, { offset, timestamp, key }: FoldRecord, bytes: Buffer | null): void {
  const [letter, ...others] = deadLetters;
  if (letter?.offset !== offset || letter.reason === '' || others.length > 0) {
    throw new Error(`The dead letters of offset ${offset} are ${JSON.stringify(deadLetters)}`);
  }
  const written = deadLetterRecord(0, { offset, timestamp, key: key ?? null, value: bytes }, offset, letter.reason);
  const { value: text, value_base64: base64 } = JSON.parse(String(written.value)) as DeadLetterValue;
  const again = base64 === undefined ? (text === null ? null : Buffer.from(text)) : Buffer.from(base64, 'base64');
  requireSame(`the bytes of the dead letter of offset ${offset}`, again?.toString('hex'), bytes?.toString('hex'));
}

/** All that the fold goes on with. */
function stateOf(fold: Fold): unknown {
  const users = [...fold.remembered()].sort((one, other) => (one.id < other.id ? -1 : 1));
  const states = users.map((user) => {
    const ties = Object.values(user.ties).map((some) =>
      [...(some ?? [])].sort(([one], [other]) => (one < other ? -1 : 1)),
    );
    return [userRecord(user), user.visibility, ties];
  });
  const deadline = fold.nextDeadlineAt();
  return [fold.checkpoint(), deadline > TIME_MAX ? 'never' : deadline, states];
}

function requireSame(what: string, one: unknown, other: unknown): void {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  if (a !== b) throw new Error(`Not the same, ${what}:\n  ${a}\n  ${b}`);
}
