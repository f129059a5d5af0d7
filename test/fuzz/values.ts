import fc from 'fast-check';
import { ATTACKER, BYSTANDER } from '../support/hostile/hostile-server.ts';

/** Text of any UTF-16 code units, halves of surrogate pairs among them. */
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
  .map((units) => String.fromCharCode(...units));

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  '@',
  '@:',
  '!',
  '*',
  '\0',
  'a'.repeat(255),
  'a'.repeat(256),
];

const otherText = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: anyUnits },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);

/** Ids of users; never the bystander’s, because upstream services may say anything of anybody. */
export const userId = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(ATTACKER, '@a:example', '@b:example') },
  { weight: 1, arbitrary: otherText },
);

/** The same, with the bystander. */
export const anyUserId = fc.oneof({ weight: 1, arbitrary: fc.constant(BYSTANDER) }, { weight: 3, arbitrary: userId });

export const id = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('!r:example', '!s:example', 'D', 'E', 'source', 'invitation') },
  { weight: 1, arbitrary: otherText },
);

export const presence = fc.constantFrom('online', 'unavailable', 'offline', 'away', '');

export const text = fc.oneof(fc.string({ unit: 'grapheme' }), otherText, fc.constant('x'.repeat(1_025)));

export const number = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, -0, -1, 1, 1.5, 1e300, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, 2 ** 53),
  fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
);

/** Mostly what it should be, now and then any JSON. */
const loosely = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });

/** An object with most of these fields, most of them as they should be, and now and then others. */
export function shape(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> {
  const loose = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, loosely(value)]));
  const [, ...optional] = Object.keys(fields);
  const some = fc.record(loose, { requiredKeys: Object.keys(fields).filter((name) => !optional.includes(name)) });
  const all = fc.record(loose);
  const more = fc.dictionary(
    fc.oneof(otherText, fc.constantFrom(...Object.keys(fields))),
    fc.jsonValue({ maxDepth: 1 }),
    {
      maxKeys: 2,
    },
  );
  return fc.oneof(
    { weight: 3, arbitrary: all },
    { weight: 2, arbitrary: some },
    { weight: 1, arbitrary: fc.tuple(some, more).map(([one, other]) => ({ ...one, ...other })) },
  );
}

export const list = <Value>(item: fc.Arbitrary<Value>): fc.Arbitrary<unknown[]> =>
  fc.array(loosely(item), { maxLength: 5 });
