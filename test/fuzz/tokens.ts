import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { filterId, parseFilter } from '#delivery/matrix/filter';
import { ResumeTokens } from '#delivery/resume-token';
import { MatrixError } from '#runtime/http/matrix-error';
import { TOKENS } from './corpus.ts';
import { bodies } from './bodies.ts';
import { id, text } from './values.ts';
import { assertProperties } from './assert-properties.ts';

const KEY = Buffer.alloc(32, 7);
const LOG_ID = 'log';
const tokens = new ResumeTokens(KEY, LOG_ID);
/** Those who have another key, or another log. */
const OTHERS = [new ResumeTokens(Buffer.alloc(32, 8), LOG_ID), new ResumeTokens(KEY, 'other')];

const plain = { noNullPrototype: true };
const position = fc.record({ offset: fc.maxSafeNat(), step: fc.nat(0xffff_ffff) }, plain);
const place = fc.record(
  {
    cursor: fc.array(position, { maxLength: 5 }),
    after: fc.option(fc.string({ unit: 'binary', minLength: 1 })),
  },
  plain,
);
const userId = fc.oneof(id, text);

/** Another text: a character changed (often by one bit), cut out, put in, or the text cut off. */
const changed = (original: string, at: number, how: number, put: string): string => {
  const from = at % Math.max(1, original.length);
  const flipped = String.fromCharCode(original.charCodeAt(from) ^ (1 << (how % 8)));
  const [before, after] = [original.slice(0, from), original.slice(from + 1)];
  return [before + flipped + after, before + put + after, before + after, before + put + original.slice(from), before][
    how % 5
  ] as string;
};
const change = fc.tuple(
  fc.nat(),
  fc.nat(1_000),
  fc.oneof(fc.constantFrom('A', '=', '\n', ' ', '+', '/', '-', '\0'), fc.string()),
);

/** Who has a token has its place, and nobody else, nor with any other text. */
const sealed = fc.property(place, userId, userId, change, (where, user, other, how) => {
  const token = tokens.seal(user, where);
  const bad = changed(token, ...how);
  return (
    isDeepStrictEqual(tokens.open(user, token), where) &&
    (other === user || tokens.open(other, token) === null) &&
    OTHERS.every((others) => others.open(user, token) === null) &&
    (bad === token || tokens.open(user, bad) === null)
  );
});

const garbage = fc.oneof(
  fc.constantFrom(...TOKENS),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
);

/** What nobody has sealed opens nothing. */
const forged = fc.property(garbage, userId, (token, user) => tokens.open(user, token) === null);

/** An id means the filter that it was made of, and whatever else is said is refused with a sentence, or is a filter. */
const filters = fc.property(bodies.filter, change, garbage, (filter, how, other) => {
  const made = answered(() => filterId(filter));
  if (made === null) return answered(() => parseFilter(other)) !== undefined;
  const isMeant = isDeepStrictEqual(parseFilter(made), parseFilter(JSON.stringify(filter)));
  return (
    isMeant &&
    answered(() => parseFilter(changed(made, ...how))) !== undefined &&
    answered(() => parseFilter(other)) !== undefined
  );
});

/** Null: it was refused. */
function answered<Answer>(question: () => Answer): Answer | null {
  try {
    return question();
  } catch (error) {
    if (error instanceof MatrixError && error.getStatus() === 400) return null;
    throw error;
  }
}

/**
 * Opens that many resume tokens and filter ids, good, changed and made up: nobody opens what is not theirs. Throws with the
 * least input that breaks it, and the seed.
 */
export function fuzzTokens(
  count: number,
  seed: number,
  tick = (_done: number): void => undefined,
): Record<string, number> {
  return assertProperties({ sealed, forged, filters }, () => count / 3, seed, tick);
}
